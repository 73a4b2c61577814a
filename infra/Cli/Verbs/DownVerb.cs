using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Processes;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class DownVerb : AsyncCommand<EmptyCommandSettings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, EmptyCommandSettings settings, CancellationToken cancellationToken)
    {
        var installation = Installation.LoadOrCreate();
        using var held = InstallationLock.Acquire(installation);
        var stopped = await new LocalStack(installation).DownAsync(cancellationToken);
        Console.WriteLine(stopped == 0 ? "down; nothing was running" : $"down; {stopped} processes stopped");
        return (int)ExitCode.Done;
    }
}
