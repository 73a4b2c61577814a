using CpfPipeline.Hosting.Background;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Schedules;

/// <summary>Hands in the feeds of schedules that are due.</summary>
internal sealed class FeedScheduleLoop(
    FeedScheduleStore schedules, EndedSchedules ended, IOptions<IngestOptions> options, TimeProvider time,
    ILogger<FeedScheduleLoop> logger)
    : BackgroundLoop("feed schedules", options.Value.FeedPollInterval, time, logger)
{
    protected override Task StepAsync(CancellationToken cancellationToken) => RunDueAsync(cancellationToken);

    /// <summary>Runs what is due now.</summary>
    internal async Task RunDueAsync(CancellationToken cancellationToken)
    {
        var now = Time.GetUtcNow();
        var due = await schedules.ListDueAsync(now, cancellationToken);
        ended.Set([.. due.Where(s => s.HasEnded).Select(s => (s.Source, s.Name))], now);
        foreach (var (source, name, _) in due.Where(s => !s.HasEnded))
        {
            try
            {
                if (await schedules.RunAsync(source, name, now, evenIfNotDue: false, cancellationToken) is { } feedId)
                {
                    Log.ScheduleRan(Logger, name, feedId);
                }
            }
            catch (Exception e) when (e is TimeZoneNotFoundException or InvalidOperationException or FormatException)
            {
                // One that cannot be read must not stop those after it.
                Log.ScheduleUnreadable(Logger, name, e);
            }
        }
    }
}
