using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using CpfPipeline.Cli.Processes;
using CpfPipeline.Cli.Trainings;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class ModelsExportVerb : AsyncCommand<ModelsExportVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        using var client = TrainerClient.Of(await RunningInstallation.FindOrStartAsync(cancellationToken));
        var bytes = await ModelFolderFiles.WriteAsync(client, settings.ModelId, settings.Folder, cancellationToken);
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{settings.Folder}: model {settings.ModelId}, {bytes / 1e6:0.0} MB"));
        return (int)ExitCode.Done;
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<ID>")]
        [Description("Id of the model; infra/cpf models lists them.")]
        [Range(0d, double.MaxValue)]
        public long ModelId { get; init; }

        [CommandArgument(1, "<DIR>")]
        [Description("Model folder to write: backbone.onnx, head.onnx and report.json. Other files in it stay.")]
        public string Folder { get; init; } = "";
    }
}
