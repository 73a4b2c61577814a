using Spectre.Console.Cli;

namespace CpfPipeline.Trainer.Offline;

internal sealed class CopiesVerb(OfflineConsole console) : Command<CopiesSettings>
{
    public override int Execute(CommandContext context, CopiesSettings settings, CancellationToken cancellationToken) =>
        CopiesCommand.Run(settings, console, cancellationToken);
}
