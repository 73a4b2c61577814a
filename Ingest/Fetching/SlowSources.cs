using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>
/// How much of the places of first fetches each source takes by slow ones. First fetches wait in one queue, so a seller whose addresses
/// answer late, at however many hosts, would hold up everybody. Who has used up its share is not fetched at first any more: its images
/// are fetched apart, where sources take turns. The share comes back with time.
/// </summary>
internal sealed class SlowSources
{
    /// <summary>Sources that are kept. Beyond that, those that owe nothing are let go.</summary>
    internal const int MaxSources = 4_000;

    private const double Share = 0.25; // Of all places, held by slow fetches of one source all the time.
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(15); // For so long a source may hold its whole share at once.
    private readonly TimeProvider _time;
    private readonly TimeSpan _slow;
    private readonly double _perSecond;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (double Owed, long At)> _sources = new(StringComparer.Ordinal);

    /// <param name="options">Ingest's options: how many are fetched at once, and for how long at first.</param>
    /// <param name="time">Clock.</param>
    public SlowSources(IOptions<IngestOptions> options, TimeProvider time)
    {
        (_time, _slow) = (time, options.Value.FirstFetchTimeout / 4);
        _perSecond = Math.Max(1, Share * options.Value.FetchParallelism * options.Value.BatchConcurrency);
    }

    /// <summary>Sources that are kept.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _sources.Count;
            }
        }
    }

    /// <summary>Whether a source has used up its share.</summary>
    public bool IsSlow(string source)
    {
        lock (_lock)
        {
            return Owed(source, _time.GetTimestamp()) >= _perSecond * Burst.TotalSeconds;
        }
    }

    /// <summary>Takes note of a first fetch. One that was quick costs nothing.</summary>
    /// <param name="source">The source.</param>
    /// <param name="took">How long the request took.</param>
    public void Note(string source, TimeSpan took)
    {
        if (took < _slow)
        {
            return;
        }

        lock (_lock)
        {
            var now = _time.GetTimestamp();
            if (_sources.Count >= MaxSources)
            {
                foreach (var idle in _sources.Keys.Where(s => Owed(s, now) <= 0).ToList())
                {
                    _sources.Remove(idle);
                }
            }

            _sources[source] = (Owed(source, now) + took.TotalSeconds, now);
        }
    }

    private double Owed(string source, long now) => _sources.TryGetValue(source, out var known)
        ? Math.Max(0, known.Owed - (_perSecond * _time.GetElapsedTime(known.At, now).TotalSeconds))
        : 0;
}
