namespace CpfPipeline.Cli.Schedules;

/// <summary>A recurring feed, as Ingest describes it.</summary>
internal sealed record ScheduleAnswer
{
    public required string Name { get; init; }

    public required string Cron { get; init; }

    public required string TimeZone { get; init; }

    public required bool Enabled { get; init; }

    public required string Source { get; init; }

    public string? Path { get; init; }

    public string? Url { get; init; }

    /// <summary>Null when it does not run by itself.</summary>
    public DateTimeOffset? NextRunAt { get; init; }

    public DateTimeOffset? LastRunAt { get; init; }

    public long? LastFeedId { get; init; }

    /// <summary>State of the last feed.</summary>
    public string? LastState { get; init; }

    public string? LastMessage { get; init; }
}
