using System.ComponentModel;
using System.Globalization;
using CpfPipeline.Cli.Processes;
using CpfPipeline.Cli.Schedules;
using CpfPipeline.Cli.Services;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class SchedulesAddVerb : AsyncCommand<SchedulesAddVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(settings.Cron))
        {
            throw CommandException.Usage("schedules add needs --cron, such as \"30 3 * * *\" or @daily");
        }

        var body = ScheduleBody.Of(settings.FeedAt(settings.Path), settings.Cron, settings.TimeZone, !settings.Disabled);
        using var ingest = ServiceClient.Of(await RunningInstallation.FindOrStartAsync(cancellationToken), "Ingest");
        var schedule = await new ScheduleClient(ingest).PutAsync(settings.Name, body, cancellationToken);
        Console.WriteLine(schedule.NextRunAt is { } next
            ? string.Create(CultureInfo.InvariantCulture, $"{schedule.Name} runs next at {next.UtcDateTime:yyyy-MM-dd HH:mm}Z")
            : $"{schedule.Name} does not run by itself");
        return (int)ExitCode.Done;
    }

    internal sealed class Settings : FeedSettings
    {
        [CommandArgument(0, "<NAME>")]
        [Description("Name of the schedule: letters, digits, . _ -. One that is there is replaced.")]
        public string Name { get; init; } = "";

        [CommandArgument(1, "<PATH>")]
        [Description("Folder or feed, by path or http(s) address, as submit takes it.")]
        public string Path { get; init; } = "";

        [CommandOption("--cron <CRON>")]
        [Description("When: minute, hour, day, month, weekday, such as \"30 3 * * *\"; or @hourly, @daily ...")]
        public string? Cron { get; init; }

        [CommandOption("--time-zone <ZONE>")]
        [Description("Time zone of --cron, such as Europe/Berlin. Default: UTC.")]
        [DefaultValue("UTC")]
        public string TimeZone { get; init; } = "UTC";

        [CommandOption("--disabled")]
        [Description("Keep it without running it.")]
        public bool Disabled { get; init; }
    }
}
