using Cronos;

namespace CpfPipeline.Ingest.Schedules;

/// <summary>The times of a cron expression in a time zone.</summary>
internal sealed class FeedTimes
{
    // Every minute, hour, day and month by its number has some 350.
    private const int MaxCronLength = 500;
    private const int MaxTimeZoneLength = 100;

    private readonly CronExpression _times;
    private readonly TimeZoneInfo _zone;

    private FeedTimes(string cron, CronExpression times, TimeZoneInfo zone) => (Cron, _times, _zone) = (cron, times, zone);

    /// <summary>The expression as it was given.</summary>
    public string Cron { get; }

    /// <summary>Id of the time zone.</summary>
    public string TimeZone => _zone.Id;

    /// <summary>Reads an expression of five fields (minute, hour, day, month, weekday), or a macro such as <c>@daily</c>.</summary>
    /// <param name="cron">The expression.</param>
    /// <param name="timeZone">IANA id.</param>
    /// <returns>The times, or what is wrong.</returns>
    public static (FeedTimes? Times, string? Problem) Parse(string? cron, string timeZone)
    {
        if (string.IsNullOrWhiteSpace(cron))
        {
            return (null, "cron is missing.");
        }

        // The library reads a list by recursion: a long one ends the process.
        if (cron.Length > MaxCronLength)
        {
            return (null, $"cron is longer than {MaxCronLength} characters.");
        }

        if (timeZone.Length > MaxTimeZoneLength)
        {
            return (null, $"time_zone is longer than {MaxTimeZoneLength} characters.");
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var zone))
        {
            return (null, $"The time zone {timeZone} is not known; give an IANA name such as Europe/Berlin.");
        }

        return CronExpression.TryParse(cron, CronFormat.Standard, out var times)
            ? (new FeedTimes(cron, times, zone), null)
            : (null, $"cron: {Reason(cron)}");
    }

    /// <summary>The first time after that one; null when there is none.</summary>
    public DateTimeOffset? Next(DateTimeOffset after) => _times.GetNextOccurrence(after, _zone)?.ToUniversalTime();

    private static string Reason(string cron)
    {
        try
        {
            CronExpression.Parse(cron, CronFormat.Standard);
            return "";
        }
        catch (CronFormatException e)
        {
            return e.Message;
        }
    }
}
