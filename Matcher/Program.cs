using CpfPipeline.Hosting;
using CpfPipeline.Matcher;

return await ServiceProgram.RunAsync("Matcher", () => MatcherService.Build(args));
