namespace CpfPipeline.Hosting.Background;

/// <summary>Decides how a loop treats its failures: how long it pauses and how much it logs.</summary>
/// <param name="pause">Pause after the first failure. It doubles with each one in a row, up to 30 s or to this pause when it is
/// longer.</param>
internal sealed class LoopBackoff(TimeSpan pause)
{
    // Messages may contain numbers that change. This bounds how much of the log and of memory they fill.
    private const int MaxKnownErrors = 100;
    private const int MaxDoublings = 16;

    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(30);

    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private string? _last;
    private int _inARow;

    /// <summary>Records a failure.</summary>
    public LoopFailure Add(Exception exception)
    {
        var error = $"{exception.GetType().FullName}: {exception.Message}";
        var isRepeated = error == _last;
        var isNew = !isRepeated && _known.Count < MaxKnownErrors && _known.Add(error);
        _last = error;
        return new LoopFailure(PauseAfter(_inARow++), isNew, isRepeated);
    }

    /// <summary>Records a success. Returns how many failures in a row it ends.</summary>
    public int Clear()
    {
        var failures = _inARow;
        (_last, _inARow) = (null, 0);
        return failures;
    }

    private TimeSpan PauseAfter(int before)
    {
        var doubled = pause * Math.Pow(2, Math.Min(before, MaxDoublings));
        return doubled < MaxPause ? doubled : pause > MaxPause ? pause : MaxPause;
    }
}
