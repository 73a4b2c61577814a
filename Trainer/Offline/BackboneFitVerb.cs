using Spectre.Console.Cli;

namespace CpfPipeline.Trainer.Offline;

internal sealed class BackboneFitVerb(OfflineConsole console) : Command<BackboneFitSettings>
{
    public override int Execute(CommandContext context, BackboneFitSettings settings, CancellationToken cancellationToken) =>
        BackboneFit.Run(settings, console, cancellationToken);
}
