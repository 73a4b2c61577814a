namespace CpfPipeline.Ingest.Images;

/// <summary>An image's row as it was before a change.</summary>
internal sealed record ImageRow(
    ImageState State, long? ContentId, string? ProductKey, string KeyScope, string Uri, string? RejectReason, long Revision)
{
    /// <summary>The content it keeps alive, or null.</summary>
    public long? LiveContentId => State == ImageState.Stored ? ContentId : null;

    /// <summary>Whether the change says anything but what the row says, the revision aside.</summary>
    public bool Differs(ImageChange change) =>
        State != change.State
        || (State != ImageState.Retracted
            && (ContentId != change.Content?.ContentId || ProductKey != change.ProductKey || KeyScope != change.KeyScope
                || Uri != change.Uri || RejectReason != change.RejectReason));
}
