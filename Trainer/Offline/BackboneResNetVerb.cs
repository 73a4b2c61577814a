using Spectre.Console.Cli;

namespace CpfPipeline.Trainer.Offline;

internal sealed class BackboneResNetVerb(OfflineConsole console) : Command<BackboneResNetSettings>
{
    public override int Execute(CommandContext context, BackboneResNetSettings settings, CancellationToken cancellationToken) =>
        BackboneResNet.Run(settings, console.Output);
}
