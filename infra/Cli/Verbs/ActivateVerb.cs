using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using CpfPipeline.Cli.Trainings;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class ActivateVerb : AsyncCommand<ActivateVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken) =>
        (int)await TrainingSession.RunAsync($"/models/{settings.ModelId}/activate", null, null, settings.Wait, cancellationToken);

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<ID>")]
        [Description("Id of the model; infra/cpf models lists them.")]
        [Range(0d, double.MaxValue)]
        public long ModelId { get; init; }

        [CommandOption("--wait")]
        [Description("Wait until it is the active model.")]
        public bool Wait { get; init; }
    }
}
