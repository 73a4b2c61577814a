using System.Diagnostics.Metrics;
using CpfPipeline.Hosting;

namespace CpfPipeline.Ingest.Schedules;

/// <summary>
/// Schedules that are due and do not run, because their key has ended or because nobody has put them again for long: each is told once a
/// day, and all are counted. Otherwise a feed would stop without a word.
/// </summary>
internal sealed class EndedSchedules(ILogger<EndedSchedules> logger)
{
    private static readonly TimeSpan ToldAgainAfter = TimeSpan.FromDays(1);
    private readonly Dictionary<(string Source, string Name), DateTimeOffset> _told = [];
    private volatile int _count;

    /// <summary>How many there were at the last look.</summary>
    public int Count => _count;

    /// <summary>Makes the gauge.</summary>
    public void Begin(IMeterFactory meters) => meters.Create(CpfTelemetry.Name).CreateObservableGauge(
        "cpf.ingest.schedules_ended", () => Count, "{schedule}",
        "Schedules of feeds that are due and do not run, because their key has ended or nobody has put them again for long.");

    /// <summary>Replaces what is known, and logs those that were not told within a day.</summary>
    public void Set(IReadOnlyCollection<(string Source, string Name)> ended, DateTimeOffset now)
    {
        _count = ended.Count;
        foreach (var mended in _told.Keys.Except(ended).ToList())
        {
            _told.Remove(mended);
        }

        foreach (var schedule in ended.Where(e => !_told.TryGetValue(e, out var at) || now - at >= ToldAgainAfter))
        {
            _told[schedule] = now;
            Log.ScheduleEnded(logger, schedule.Name, schedule.Source);
        }
    }
}
