using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using CpfPipeline.Cli.Display;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Processes;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class UpVerb : AsyncCommand<UpVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var installation = Installation.LoadOrCreate();
        using var held = InstallationLock.Acquire(installation);
        installation.State.Each = settings.Each ?? installation.State.Each;
        installation.State.Joiners = settings.Joiners ?? installation.State.Joiners;
        await StepDisplay.RunAsync(display => new LocalStack(installation).UpAsync(display, replaceOlder: true, cancellationToken));
        Console.WriteLine($"up; the API is at {installation.Url("Ingest")}");
        if (installation.ReaderUri is { } uri)
        {
            Console.WriteLine($"SQL for data teams: psql {uri}");
        }

        return (int)ExitCode.Done;
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandOption("--each <N>")]
        [Description("Processes of Ingest, of the Embedder and of the Matcher, 1 to 16. Kept until it is given again. Default: 1.")]
        [Range(1, Service.MaxEach)]
        public int? Each { get; init; }

        [CommandOption("--joiners <N>")]
        [Description("Processes that only compute their share of large exact joins, 0 to 16. Kept until it is given again. Default: 0.")]
        [Range(0, Service.MaxEach)]
        public int? Joiners { get; init; }
    }
}
