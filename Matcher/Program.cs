using CpfPipeline.Matcher;

await using var app = MatcherService.Build(args);
await app.RunAsync();
