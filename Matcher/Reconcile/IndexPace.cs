namespace CpfPipeline.Matcher.Reconcile;

/// <summary>When the index of the embeddings is built.</summary>
/// <remarks>
/// Counting the members takes milliseconds, so the question is asked rarely. Building the index takes all processors, so it waits for a
/// quiet moment, but not for ever.
/// </remarks>
internal static class IndexPace
{
    private static readonly TimeSpan WhenIdleEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan WhenBusyEvery = TimeSpan.FromMinutes(5);

    /// <summary>Whether to ask.</summary>
    /// <param name="idle">Whether there is nothing else to do.</param>
    /// <param name="sinceLast">Time since it was last asked, or since the start.</param>
    public static bool IsDue(bool idle, TimeSpan sinceLast) => sinceLast >= (idle ? WhenIdleEvery : WhenBusyEvery);

    /// <summary>Whether to build it.</summary>
    /// <param name="indexed">Whether there is one.</param>
    /// <param name="members">Contents in groups.</param>
    /// <param name="atContents">Members from which on an index pays.</param>
    public static bool Pays(bool indexed, long members, long atContents) => !indexed && members >= atContents;
}
