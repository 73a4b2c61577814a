using CpfPipeline.Hosting;
using CpfPipeline.Matcher;

return await ServiceProgram.RunAsync("Matcher", args, () => MatcherService.Build(args));
