using CpfPipeline.Hosting;
using CpfPipeline.Ingest;

return await ServiceProgram.RunAsync("Ingest", () => IngestService.Build(args));
