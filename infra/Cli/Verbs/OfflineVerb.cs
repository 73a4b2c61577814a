using CpfPipeline.CommandLine;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

/// <summary>
/// A verb of the Trainer's executable, listed here so that one help shows all verbs. The launcher does not hand it to this program.
/// </summary>
internal sealed class OfflineVerb : Command<EmptyCommandSettings>
{
    public override int Execute(CommandContext context, EmptyCommandSettings settings, CancellationToken cancellationToken) =>
        throw new UsageException($"{context.Name} is a verb of the Trainer: start it with infra/cpf");
}
