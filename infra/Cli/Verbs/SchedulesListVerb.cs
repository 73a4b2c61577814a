using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Schedules;
using CpfPipeline.Cli.Services;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class SchedulesListVerb : AsyncCommand<SchedulesListVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        using var ingest = ServiceClient.Of(Installation.Load(), "Ingest");
        var client = new ScheduleClient(ingest);
        if (settings.Format == "json")
        {
            Console.WriteLine(await client.ListJsonAsync(cancellationToken));
        }
        else
        {
            ScheduleTable.Write(await client.ListAsync(cancellationToken));
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
