using CpfPipeline.Hosting.Background;
using CpfPipeline.Matcher.Grouping;

namespace CpfPipeline.Matcher.Giants;

/// <summary>Regroups pending components as they appear; one Matcher at a time does.</summary>
internal sealed class GiantLoop(GiantRegrouper regrouper, MatcherActivity activity, TimeProvider time, ILogger<GiantLoop> logger)
    : BackgroundLoop("giants", Pause, time, logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private long _restsFrom;
    private TimeSpan _lastRound;

    protected override async Task StepAsync(CancellationToken cancellationToken)
    {
        if (GiantPace.IsDue(activity.IdleFor, Time.GetElapsedTime(_restsFrom), _lastRound))
        {
            var started = Time.GetTimestamp();
            await regrouper.RunOnceAsync(cancellationToken);
            (_restsFrom, _lastRound) = (Time.GetTimestamp(), Time.GetElapsedTime(started));
        }
    }
}
