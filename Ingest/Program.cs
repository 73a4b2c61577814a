using CpfPipeline.Ingest;

await using var app = IngestService.Build(args);
await app.RunAsync();
