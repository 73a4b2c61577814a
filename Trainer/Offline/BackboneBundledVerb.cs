using Spectre.Console.Cli;

namespace CpfPipeline.Trainer.Offline;

internal sealed class BackboneBundledVerb(OfflineConsole console) : Command<BackboneBundledSettings>
{
    public override int Execute(CommandContext context, BackboneBundledSettings settings, CancellationToken cancellationToken) =>
        BackboneBundled.Run(settings, console.Output, console.Time, cancellationToken);
}
