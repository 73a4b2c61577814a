using CpfPipeline.Ingest.Schedules;

namespace CpfPipeline.Ingest.Api;

/// <summary>A schedule, and how its last run ended.</summary>
internal sealed record FeedScheduleAnswer(
    string Name, string Cron, string TimeZone, bool Enabled, string Source, string? Path, string? Url, string Format, string? Keys,
    bool Snapshot, double? MaxRetract, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? NextRunAt,
    DateTimeOffset? LastRunAt, long? LastFeedId, string? LastState, string? LastMessage, bool LastUnchanged)
{
    /// <summary>Whether the key that put it was revoked or has expired: it does not run until somebody puts it again.</summary>
    public bool KeyHasEnded { get; init; }

    /// <summary>As it is told to who may not read files of the machine: with names of files instead of paths.</summary>
    public FeedScheduleAnswer WithoutPaths() => this with
    {
        Path = ShownPath.Of(Path), Keys = ShownPath.Of(Keys), LastMessage = ShownPath.Within(LastMessage, Path, Keys),
    };

    public static FeedScheduleAnswer Of(FeedSchedule schedule) => new(
        schedule.Name, schedule.Times.Cron, schedule.Times.TimeZone, schedule.Enabled, schedule.Feed.Source, schedule.Feed.Path,
        ShownUrl.Of(schedule.Feed.Url), schedule.Feed.Format, schedule.Feed.KeysPath, schedule.Feed.Snapshot, schedule.Feed.MaxRetractShare,
        schedule.CreatedAt, schedule.UpdatedAt, schedule.NextRunAt, schedule.LastRunAt, schedule.LastFeedId, schedule.LastState,
        schedule.LastMessage, schedule.LastUnchanged) { KeyHasEnded = schedule.KeyHasEnded };
}
