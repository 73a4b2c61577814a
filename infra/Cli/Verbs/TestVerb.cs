using System.ComponentModel;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Suites;
using CpfPipeline.CommandLine;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class TestVerb : AsyncCommand<TestVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> suites = settings.Suites.Length == 0 ? TestSuites.Names : [.. settings.Suites.Select(Named)];
        var installation = Installation.LoadOrCreate();
        using var held = InstallationLock.Acquire(installation);
        var totals = await new TestSuites(installation, settings.Classes, settings.Methods).RunAsync(suites, cancellationToken);
        foreach (var failure in totals.Failures)
        {
            Console.WriteLine($"failed: {failure}");
        }

        Console.WriteLine(totals);
        return (int)(totals.Failed == 0 && totals.Passed > 0 ? ExitCode.Done : ExitCode.Rejected);
    }

    private static string Named(string word) => TestSuites.Names.FirstOrDefault(s => s.Equals(word, StringComparison.OrdinalIgnoreCase))
        ?? throw new UsageException($"no suite named '{word}'{ClosestWord.Hint(word, TestSuites.Names)}");

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "[SUITES]")]
        [Description("Unit, Integration, EndToEnd. Without it: all.")]
        public string[] Suites { get; init; } = [];

        [CommandOption("--class <NAME>")]
        [Description("Only classes of this name (* at its ends). May be repeated.")]
        public string[] Classes { get; init; } = [];

        [CommandOption("--method <NAME>")]
        [Description("Only methods of this name (* at its ends). May be repeated.")]
        public string[] Methods { get; init; } = [];
    }
}
