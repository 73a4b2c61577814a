using System.ComponentModel;
using CpfPipeline.Cli.Trainings;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class RollbackVerb : AsyncCommand<RollbackVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken) =>
        (int)await TrainingSession.RunAsync("/models/rollback", null, null, settings.Wait, cancellationToken);

    internal sealed class Settings : CommandSettings
    {
        [CommandOption("--wait")]
        [Description("Wait until the model is the active one.")]
        public bool Wait { get; init; }
    }
}
