using System.Globalization;
using CpfPipeline.Cli.Display;
using Spectre.Console;

namespace CpfPipeline.Cli.Schedules;

/// <summary>Prints recurring feeds as a table.</summary>
internal static class ScheduleTable
{
    public static void Write(IReadOnlyList<ScheduleAnswer> schedules)
    {
        var table = new ListTable("name", "cron", "source", "from", "next run", "last run", "last feed");
        foreach (var schedule in schedules)
        {
            table.Add(
                new Text(schedule.Name), new Text($"{schedule.Cron} ({schedule.TimeZone})"), new Text(schedule.Source),
                new Text(schedule.Url ?? schedule.Path ?? ""),
                new Text(schedule.Enabled ? TimeOf(schedule.NextRunAt) : "disabled"), new Text(TimeOf(schedule.LastRunAt)),
                new Text(schedule.LastFeedId is { } feed
                    ? string.Create(CultureInfo.InvariantCulture,
                        $"{feed}: {schedule.LastState}{(schedule.LastMessage is null ? "" : $"\n{schedule.LastMessage}")}") : ""));
        }

        table.Write();

        static string TimeOf(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture) ?? "";
    }
}
