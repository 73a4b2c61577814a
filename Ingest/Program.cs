using CpfPipeline.Hosting;
using CpfPipeline.Ingest;

return await ServiceProgram.RunAsync("Ingest", args, () => IngestService.Build(args));
