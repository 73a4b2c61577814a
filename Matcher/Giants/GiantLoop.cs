using Npgsql;

namespace CpfPipeline.Matcher.Giants;

/// <summary>Regroups pending components as they appear; one Matcher at a time does.</summary>
internal sealed class GiantLoop(GiantRegrouper regrouper, MatcherActivity activity, TimeProvider time, ILogger<GiantLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private long _restsFrom;
    private TimeSpan _lastRound;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        do
        {
            try
            {
                if (GiantPace.IsDue(activity.IdleFor, time.GetElapsedTime(_restsFrom), _lastRound))
                {
                    var started = time.GetTimestamp();
                    await regrouper.RunOnceAsync(stoppingToken);
                    (_restsFrom, _lastRound) = (time.GetTimestamp(), time.GetElapsedTime(started));
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
