using CpfPipeline.Data.Feeds;

namespace CpfPipeline.Ingest.Schedules;

/// <summary>A feed that is handed in again and again.</summary>
internal sealed record FeedSchedule
{
    public required string Name { get; init; }

    public required FeedTimes Times { get; init; }

    public required bool Enabled { get; init; }

    /// <summary>What is handed in; its revision is that of the run.</summary>
    public required NewFeed Feed { get; init; }

    /// <summary>The key that put it; null: a person or program with a token, or nobody knows.</summary>
    public string? KeyId { get; init; }

    /// <summary>Who put it: <c>key:ID</c>, <c>token:SUBJECT</c> or <c>anonymous</c>; null: nobody knows.</summary>
    public string? PutBy { get; init; }

    /// <summary>
    /// Whether it does not run until somebody puts it again: its key was revoked, has expired, is not known or may no longer do this; or
    /// no key put it, and that is too long ago.
    /// </summary>
    public bool HasEnded { get; init; }

    /// <summary>From when on it does not run; null: nobody has said.</summary>
    public DateTimeOffset? RunsUntil { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Null while it is not enabled.</summary>
    public DateTimeOffset? NextRunAt { get; init; }

    public DateTimeOffset? LastRunAt { get; init; }

    /// <summary>The feed that it handed in last.</summary>
    public long? LastFeedId { get; init; }

    /// <summary>State of that feed.</summary>
    public string? LastState { get; init; }

    /// <summary>Message of that feed.</summary>
    public string? LastMessage { get; init; }

    /// <summary>Whether that feed was the same as a former one.</summary>
    public bool LastUnchanged { get; init; }
}
