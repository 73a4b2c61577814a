using CpfPipeline.Cli.Display;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Processes;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class UpVerb : AsyncCommand<EmptyCommandSettings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, EmptyCommandSettings settings, CancellationToken cancellationToken)
    {
        var installation = Installation.LoadOrCreate();
        using var held = InstallationLock.Acquire(installation);
        await StepDisplay.RunAsync(display => new LocalStack(installation).UpAsync(display, replaceOlder: true, cancellationToken));
        Console.WriteLine($"up; the API is at {installation.Url("Ingest")}");
        if (installation.ReaderUri is { } uri)
        {
            Console.WriteLine($"SQL for data teams: psql {uri}");
        }

        return (int)ExitCode.Done;
    }
}
