namespace CpfPipeline.Cli.Processes;

/// <summary>When a component that died is started again.</summary>
internal static class RestartRule
{
    /// <summary>A component that lived for so long was well: its next death is counted as a first one.</summary>
    public static readonly TimeSpan WellAfter = TimeSpan.FromMinutes(1);

    /// <summary>So many short lives in a row, and <c>status</c> says that it keeps dying.</summary>
    public const int ManyShortLives = 8;

    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The pause before the next start: none after a long life, then one second, doubled with each short one, at most half a minute. It
    /// never ends: what kills a component, a full disk or an operator, may be over in a minute, and nobody looks at night.
    /// </summary>
    /// <param name="shortLives">Lives in a row that were short, this one included.</param>
    public static TimeSpan PauseAfter(int shortLives) =>
        shortLives <= 1 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(MaxPause.TotalSeconds, Math.Pow(2, Math.Min(shortLives, 30) - 2)));
}
