using System.ComponentModel;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Suites;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class BenchVerb : AsyncCommand<BenchVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var installation = Installation.LoadOrCreate();
        using var held = InstallationLock.Acquire(installation);
        if (settings.Json)
        {
            Console.SetOut(Console.Error); // The program's output stays alone on the standard output.
        }

        string[] options = [.. settings.Photos is { } photos
            ? new[] { "--photos", photos } : [], .. settings.Json ? new[] { "--json" } : []];
        return (int)await BenchmarkProgram.RunAsync(installation, settings.Names, options, cancellationToken);
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "[NAMES]")]
        [Description("decode, embedder, messages, reconcile, memory, losses, head-scale and others; kernels takes options of "
            + "BenchmarkDotNet after --, device those of infra/gpu/check.sh. Without it: all.")]
        public string[] Names { get; init; } = [];

        [CommandOption("--photos <FOLDER>")]
        [Description("Photos to measure with. Default: those of the folder shared beside the checkout.")]
        public string? Photos { get; init; }

        [CommandOption("--json")]
        [Description("Print the results as JSON.")]
        public bool Json { get; init; }
    }
}
