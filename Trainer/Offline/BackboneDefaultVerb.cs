using Spectre.Console.Cli;

namespace CpfPipeline.Trainer.Offline;

internal sealed class BackboneDefaultVerb(OfflineConsole console) : Command<BackboneDefaultSettings>
{
    public override int Execute(CommandContext context, BackboneDefaultSettings settings, CancellationToken cancellationToken) =>
        BackboneDefault.Run(settings, console.Output);
}
