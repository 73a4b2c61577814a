using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Schedules;
using CpfPipeline.Cli.Services;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class SchedulesListVerb : AsyncCommand<ListSettings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, ListSettings settings, CancellationToken cancellationToken)
    {
        using var ingest = ServiceClient.Of(Installation.Load(), "Ingest");
        var client = new ScheduleClient(ingest);
        return await settings.PrintAsync(
            () => client.ListJsonAsync(cancellationToken), () => client.ListAsync(cancellationToken), ScheduleTable.Write);
    }
}
