using CpfPipeline.Cli.Demo;
using CpfPipeline.Cli.Installations;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class DemoVerb : AsyncCommand<EmptyCommandSettings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, EmptyCommandSettings settings, CancellationToken cancellationToken)
    {
        var installation = Installation.LoadOrCreate();
        using var held = InstallationLock.Acquire(installation);
        return (int)await DemoSession.RunAsync(installation, cancellationToken);
    }
}
