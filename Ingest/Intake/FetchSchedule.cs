using CpfPipeline.Ingest.Fetching;

namespace CpfPipeline.Ingest.Intake;

/// <summary>When a failed fetch is tried again, and when it is given up.</summary>
internal static class FetchSchedule
{
    private const int Growth = 3;
    private static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(1);

    /// <summary>The pause before the next attempt; null when it is given up.</summary>
    /// <param name="fetchId">Spreads the attempts of many fetches: the pause varies by a quarter in both directions.</param>
    /// <param name="attempts">Attempts so far.</param>
    /// <param name="age">Time since it was parked.</param>
    /// <param name="outcome">The last outcome.</param>
    /// <param name="options">Limits.</param>
    public static TimeSpan? NextPause(long fetchId, int attempts, TimeSpan age, FetchOutcome outcome, IngestOptions options)
    {
        // A host that says when to come back works; being told to wait is no failed attempt. What had to wait long for its first attempt
        // gets another one.
        var isFirst = outcome.WasTried && attempts == 1;
        var isGivenUp = (age >= options.FetchPatience && !isFirst) || (outcome.RetryAfter is null && attempts >= options.FetchAttempts);
        if (isGivenUp)
        {
            return null;
        }

        var pause = options.FetchBackoff;
        for (var i = 1; i < attempts && pause < MaxPause; i++)
        {
            pause *= Growth;
        }

        pause = pause < MaxPause ? pause : MaxPause;
        var spread = 0.75 + (0.5 * ((ulong)((fetchId * 31) + attempts) * 0x9E3779B97F4A7C15 >> 40) / (1 << 24));
        pause *= spread;
        return outcome.RetryAfter is { } asked && asked > TimeSpan.Zero ? asked + (pause * 0.1) : pause;
    }
}
