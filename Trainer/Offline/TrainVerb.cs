using Spectre.Console.Cli;

namespace CpfPipeline.Trainer.Offline;

internal sealed class TrainVerb(OfflineConsole console) : Command<TrainSettings>
{
    public override int Execute(CommandContext context, TrainSettings settings, CancellationToken cancellationToken) =>
        TrainCommand.Run(settings, console, cancellationToken);
}
