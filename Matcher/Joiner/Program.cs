using CpfPipeline.Hosting;
using CpfPipeline.Joiner;

return await ServiceProgram.RunAsync("Joiner", () => JoinerService.Build(args));
