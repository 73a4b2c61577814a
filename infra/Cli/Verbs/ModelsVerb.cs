using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Trainings;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class ModelsVerb : AsyncCommand<ModelsVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        using var client = TrainerClient.Of(Installation.Load());
        if (settings.Format == "json")
        {
            Console.WriteLine(await client.ReadModelsJsonAsync(cancellationToken));
        }
        else
        {
            ModelTable.Write(await client.ReadModelsAsync(cancellationToken));
        }

        return (int)ExitCode.Done;
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandOption("--format <FORMAT>")]
        [Description("table or json.")]
        [AllowedValues("table", "json")]
        [DefaultValue("table")]
        public string Format { get; init; } = "table";
    }
}
