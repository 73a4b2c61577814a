using CpfPipeline.Ingest.Schedules;

namespace CpfPipeline.Ingest.Api;

/// <summary>A schedule, and how its last run ended.</summary>
internal sealed record FeedScheduleAnswer(
    string Name, string Cron, string TimeZone, bool Enabled, string Source, string? Path, string? Url, string Format, string? Keys,
    bool Snapshot, double? MaxRetract, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? NextRunAt,
    DateTimeOffset? LastRunAt, long? LastFeedId, string? LastState, string? LastMessage, bool LastUnchanged)
{
    /// <summary>
    /// Whether it does not run until somebody puts it again: the key that put it has ended or may no longer do this, or no key put it, and
    /// that is too long ago.
    /// </summary>
    public bool HasEnded { get; init; }

    /// <summary>From when on it does not run unless it is put again; null: nobody has said.</summary>
    public DateTimeOffset? RunsUntil { get; init; }

    /// <summary>Who put it, for those who operate: <c>key:ID</c>, <c>token:SUBJECT</c> or <c>anonymous</c>.</summary>
    public string? PutBy { get; init; }

    /// <summary>As it is told to who may not read files of the machine: with names of files instead of paths.</summary>
    public FeedScheduleAnswer WithoutPaths() => this with
    {
        Path = ShownPath.Of(Path), Keys = ShownPath.Of(Keys), LastMessage = ShownPath.Within(LastMessage, Path, Keys), PutBy = null,
    };

    public static FeedScheduleAnswer Of(FeedSchedule schedule) => new(
        schedule.Name, schedule.Times.Cron, schedule.Times.TimeZone, schedule.Enabled, schedule.Feed.Source, schedule.Feed.Path,
        ShownUrl.Of(schedule.Feed.Url), schedule.Feed.Format, schedule.Feed.KeysPath, schedule.Feed.Snapshot, schedule.Feed.MaxRetractShare,
        schedule.CreatedAt, schedule.UpdatedAt, schedule.NextRunAt, schedule.LastRunAt, schedule.LastFeedId, schedule.LastState,
        schedule.LastMessage, schedule.LastUnchanged)
    {
        HasEnded = schedule.HasEnded, RunsUntil = schedule.RunsUntil, PutBy = schedule.PutBy,
    };
}
