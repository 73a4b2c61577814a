using System.Text.Json.Serialization;
using CpfPipeline.Cli.Feeds;

namespace CpfPipeline.Cli.Schedules;

/// <summary>A recurring feed as it is handed to Ingest.</summary>
/// <param name="Cron">When: minute, hour, day, month and weekday, or a word such as <c>@daily</c>.</param>
/// <param name="TimeZone">Time zone of the cron expression, such as <c>Europe/Berlin</c>.</param>
/// <param name="Enabled">Whether it runs by itself.</param>
/// <param name="Source">As of <see cref="FeedBody"/>, and so on.</param>
internal sealed record ScheduleBody(
    string Cron, string TimeZone, bool Enabled, string Source,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Path,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Url, string? Format, string? Keys, bool Snapshot,
    double? MaxRetract)
{
    public static ScheduleBody Of(FeedBody feed, string cron, string timeZone, bool enabled) => new(
        cron, timeZone, enabled, feed.Source, feed.Path, feed.Url, feed.Format, feed.Keys, feed.Snapshot, feed.MaxRetract);
}
