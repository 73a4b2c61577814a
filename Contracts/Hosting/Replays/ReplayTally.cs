namespace CpfPipeline.Hosting.Replays;

/// <summary>Counts what a replay meets.</summary>
/// <param name="limit">At most so many are chosen; null for any number.</param>
internal sealed class ReplayTally(long? limit)
{
    private const int MaxFirst = 200;

    private readonly Dictionary<(string Queue, string? Target, string Message, string Reason), long> _counts = [];
    private readonly List<FailedMessage> _first = [];

    public long LookedAt { get; private set; }

    public long Chosen { get; private set; }

    public long PutBack { get; set; }

    /// <summary>Whether as many were chosen as were asked for.</summary>
    public bool IsFull => Chosen >= limit;

    public void Look() => LookedAt++;

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

    public ReplaySummary Sum() => new(
        LookedAt, Chosen, PutBack,
        [.. _counts.Select(c => new ReplayCount(c.Key.Queue, c.Key.Target, c.Key.Message, c.Key.Reason, c.Value))
            .OrderByDescending(c => c.Count).ThenBy(c => c.Queue, StringComparer.Ordinal).ThenBy(c => c.Reason, StringComparer.Ordinal)],
        _first);
}
