using System.ComponentModel;
using CpfPipeline.Cli.Trainings;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class ModelsImportVerb : AsyncCommand<ModelsImportVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        ModelFolderFiles.ThrowUnlessComplete(settings.Folder); // Told before anything is started.
        return (int)await TrainingSession.RunAsync(
            "/models", () => ModelFolderFiles.Read(settings.Folder), settings.IdempotencyKey, settings.Wait, cancellationToken);
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<DIR>")]
        [Description("Model folder: backbone.onnx, head.onnx and report.json, as train writes them.")]
        public string Folder { get; init; } = "";

        [CommandOption("--wait")]
        [Description("Wait until it is the active model.")]
        public bool Wait { get; init; }

        [CommandOption("--idempotency-key <K>")]
        [Description("Asking again with the same key gives the same run.")]
        public string? IdempotencyKey { get; init; }
    }
}
