namespace CpfPipeline.Embedder.Devices;

/// <summary>
/// How many pictures a device takes at once: halved when they do not fit into its memory, doubled again after a calm time. When that was
/// too much again the next calm time is twice as long, since each attempt costs a failed run.
/// </summary>
/// <param name="most">The limit to start with, and never to exceed.</param>
internal sealed class BatchLimit(int most)
{
    /// <summary>Runs that must fit before more is tried.</summary>
    public const int FirstCalm = 64;

    private const int LongestCalm = 1 << 14;

    private readonly int _most = most;
    private int _calm = FirstCalm;
    private int _fitted;
    private bool _isTrial;

    public int Current { get; private set; } = most;

    /// <summary>A run did not fit. False when it was of one picture.</summary>
    public bool Halve()
    {
        if (_isTrial)
        {
            _calm = Math.Min(_calm * 2, LongestCalm);
        }

        (_isTrial, _fitted) = (false, 0);
        if (Current == 1)
        {
            return false;
        }

        Current /= 2;
        return true;
    }

    /// <summary>A run of this limit fitted.</summary>
    public void Fitted()
    {
        if (++_fitted < _calm)
        {
            return;
        }

        (_fitted, _isTrial) = (0, Current < _most);
        Current = Math.Min(_most, Current * 2);
    }
}
