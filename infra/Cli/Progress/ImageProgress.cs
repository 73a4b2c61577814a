namespace CpfPipeline.Cli.Progress;

/// <summary>How far images are.</summary>
/// <param name="Live">Images stored or to be fetched.</param>
/// <param name="Unmatched">Those not fetched or not matched yet, without placeholders, which are never matched.</param>
/// <param name="Pending">Those whose component is still being regrouped.</param>
/// <param name="Unreconciled">Those that were searched for, but not joined exactly yet.</param>
internal sealed record ImageProgress(long Live, long Unmatched, long Pending, long Unreconciled)
{
    public bool Matched => Unmatched == 0;

    /// <summary>
    /// Whether the groups of these images are exact. The images of a source have rows from the moment that its feed is read, so messages
    /// and the outbox, which are not told apart by source, add nothing.
    /// </summary>
    public Exactness Exactness =>
        Exactness.Of(new WorkLeft(Unmatched, Pending, Unreconciled, Queues: new Dictionary<string, long>(), Outbox: 0));
}
