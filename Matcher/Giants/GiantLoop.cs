using Npgsql;

namespace CpfPipeline.Matcher.Giants;

/// <summary>Regroups pending components as they appear; one Matcher at a time does.</summary>
internal sealed class GiantLoop(GiantRegrouper regrouper, MatcherActivity activity, TimeProvider time, ILogger<GiantLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    // A giant that grows while a backlog comes in would be regrouped again and again: while there is other work, this takes a quarter of the time at most.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);
    private const int RestsForEachRound = 3;

    private long _restsFrom;
    private TimeSpan _rest;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        do
        {
            try
            {
                if (activity.IdleFor >= Quiet || time.GetElapsedTime(_restsFrom) >= _rest)
                {
                    var started = time.GetTimestamp();
                    await regrouper.RunOnceAsync(stoppingToken);
                    (_restsFrom, _rest) = (time.GetTimestamp(), RestsForEachRound * time.GetElapsedTime(started));
                }
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
            {
                Log.BackgroundFailed(logger, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
