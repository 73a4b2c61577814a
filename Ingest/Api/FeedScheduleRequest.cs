namespace CpfPipeline.Ingest.Api;

/// <summary>Body of <c>PUT /feed-schedules/{name}</c>: when, and what <c>POST /feeds</c> takes.</summary>
internal sealed record FeedScheduleRequest : FeedRequest
{
    /// <summary>
    /// Minute, hour, day of the month, month and weekday, with lists, ranges, steps and names, or <c>@hourly</c>, <c>@daily</c> and the
    /// like.
    /// </summary>
    public string? Cron { get; init; }

    /// <summary>IANA name of the time zone of the expression; default UTC.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Whether it runs; default true.</summary>
    public bool? Enabled { get; init; }
}
