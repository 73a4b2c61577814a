using CpfPipeline.Hosting;
using CpfPipeline.Joiner;

return await ServiceProgram.RunAsync("Joiner", args, () => JoinerService.Build(args));
