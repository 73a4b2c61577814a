using Spectre.Console.Cli;

namespace CpfPipeline.Trainer.Offline;

internal sealed class BackboneAddVerb(OfflineConsole console) : Command<BackboneAddSettings>
{
    public override int Execute(CommandContext context, BackboneAddSettings settings, CancellationToken cancellationToken) =>
        BackboneAdd.Run(settings, console.Output);
}
