namespace CpfPipeline.Cli.Feeds;

/// <summary>How far the images of some sources are.</summary>
/// <param name="Live">Images stored or to be fetched.</param>
/// <param name="Waiting">Those not fetched or not matched yet, without placeholders, which are never matched.</param>
/// <param name="Pending">Those whose component is still being regrouped.</param>
/// <param name="Unreconciled">Those that were searched for, but not joined exactly yet.</param>
internal sealed record SourceProgress(long Live, long Waiting, long Pending, long Unreconciled)
{
    public bool Matched => Waiting == 0;

    public bool Reconciled => Matched && Pending == 0 && Unreconciled == 0;
}
