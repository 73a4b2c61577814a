namespace CpfPipeline.Matcher.Reconcile;

/// <summary>When the index of the embeddings is built.</summary>
/// <remarks>
/// Whether it pays is asked rarely: counting the members takes milliseconds. Building it takes the processors, so that it waits for a quiet moment, and comes
/// without one when there is none for long.
/// </remarks>
internal static class IndexPace
{
    private static readonly TimeSpan WhenIdleEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan WhenBusyEvery = TimeSpan.FromMinutes(5);

    /// <summary>Whether to ask.</summary>
    /// <param name="idle">Whether there is nothing else to do.</param>
    /// <param name="sinceLast">How long ago that was asked, or since the start.</param>
    public static bool IsDue(bool idle, TimeSpan sinceLast) => sinceLast >= (idle ? WhenIdleEvery : WhenBusyEvery);

    /// <summary>Whether to build it.</summary>
    /// <param name="indexed">Whether there is one.</param>
    /// <param name="members">Contents in groups.</param>
    /// <param name="atContents">From how many on an index pays.</param>
    public static bool Pays(bool indexed, long members, long atContents) => !indexed && members >= atContents;
}
