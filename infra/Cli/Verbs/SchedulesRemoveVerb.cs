using System.ComponentModel;
using CpfPipeline.Cli.Processes;
using CpfPipeline.Cli.Schedules;
using CpfPipeline.Cli.Services;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class SchedulesRemoveVerb : AsyncCommand<SchedulesRemoveVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        using var ingest = ServiceClient.Of(await RunningInstallation.FindOrStartAsync(cancellationToken), "Ingest");
        await new ScheduleClient(ingest).RemoveAsync(settings.Name, settings.Source, cancellationToken);
        Console.WriteLine($"{settings.Name} is removed; feeds that it has handed in go on");
        return (int)ExitCode.Done;
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<NAME>")]
        [Description("Name of the schedule.")]
        public string Name { get; init; } = "";

        [CommandOption("--source <SOURCE>")]
        [Description("Its source, where several have a schedule of that name.")]
        public string? Source { get; init; }
    }
}
