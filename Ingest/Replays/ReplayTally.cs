namespace CpfPipeline.Ingest.Replays;

/// <summary>Counts what a replay meets.</summary>
/// <param name="limit">At most so many are chosen; null for any number.</param>
internal sealed class ReplayTally(long? limit)
{
    private const int MaxFirst = 200;

    private readonly Dictionary<(string Queue, string? Target, string Message, string Reason), long> _counts = [];
    private readonly List<FailedMessage> _first = [];

    /// <summary>How many were looked at.</summary>
    public long LookedAt { get; private set; }

    /// <summary>How many of them are meant.</summary>
    public long Chosen { get; private set; }

    /// <summary>How many of those are in their queue again.</summary>
    public long PutBack { get; set; }

    /// <summary>Whether as many were chosen as were asked for.</summary>
    public bool IsFull => Chosen >= limit;

    /// <summary>One more was looked at.</summary>
    public void Look() => LookedAt++;

    /// <summary>One that was looked at is meant.</summary>
    public void Choose(FailedMessage message)
    {
        Chosen++;
        var kind = (message.Queue, message.Target, message.Message, message.Reason);
        _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
        if (_first.Count < MaxFirst)
        {
            _first.Add(message);
        }
    }

    /// <summary>All of it.</summary>
    public ReplaySummary Sum() => new(
        LookedAt, Chosen, PutBack,
        [.. _counts.Select(c => new ReplayCount(c.Key.Queue, c.Key.Target, c.Key.Message, c.Key.Reason, c.Value))
            .OrderByDescending(c => c.Count).ThenBy(c => c.Queue, StringComparer.Ordinal).ThenBy(c => c.Reason, StringComparer.Ordinal)],
        _first);
}
