namespace CpfPipeline.Embedder.Devices;

/// <summary>Losses of a device in a row: how long to wait before it is opened again, and when the CPU takes over.</summary>
internal sealed class LossCount
{
    /// <summary>After this many losses without a picture between them the CPU takes over until the device works again.</summary>
    public const int Max = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>Losses since it last computed a picture.</summary>
    public int InARow { get; private set; }

    public bool IsGivenUp => InARow >= Max;

    /// <summary>The pause before the next attempt: 1 s, doubled by every loss up to 5 minutes.</summary>
    public TimeSpan Pause => InARow == 0 ? TimeSpan.Zero
        : TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << Math.Min(InARow - 1, 16)));

    public void Lost() => InARow++;

    public void Worked() => InARow = 0;
}
