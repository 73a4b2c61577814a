namespace CpfPipeline.Cli.Display;

/// <summary>How fast a count grows, over about the last ten seconds.</summary>
internal sealed class Pace(TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(500);
    private readonly Queue<(long At, long Count)> _seen = new();

    /// <summary>Takes the count as of now.</summary>
    /// <returns>How much it grows a second; null while that cannot be told.</returns>
    public double? PerSecond(long count)
    {
        var now = time.GetTimestamp();
        while (_seen.Count > 1 && time.GetElapsedTime(_seen.ElementAt(1).At, now) >= Longest)
        {
            _seen.Dequeue();
        }

        _seen.Enqueue((now, count));
        var (at, before) = _seen.Peek();
        var elapsed = time.GetElapsedTime(at, now);
        return elapsed < Shortest ? null : (count - before) / elapsed.TotalSeconds;
    }
}
