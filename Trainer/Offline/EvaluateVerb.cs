using Spectre.Console.Cli;

namespace CpfPipeline.Trainer.Offline;

internal sealed class EvaluateVerb(OfflineConsole console) : Command<EvaluateSettings>
{
    public override int Execute(CommandContext context, EvaluateSettings settings, CancellationToken cancellationToken) =>
        EvaluateCommand.Run(settings, console, cancellationToken);
}
