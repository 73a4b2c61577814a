using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Images;

/// <summary>An image's row, or what it becomes.</summary>
/// <param name="Current">What the image is.</param>
/// <param name="AppliedRevision">Highest revision that was stored or retracted, null before the first; kept by an image that is rejected
/// now.</param>
/// <param name="Failed">A newer update that failed while the image stays as it is, or null.</param>
/// <param name="Waiting">A newer update that was fetched and waits to be decoded, or null.</param>
internal sealed record ImageRow(ImageVersion Current, long? AppliedRevision, ImageVersion? Failed, ImageVersion? Waiting)
{
    /// <summary>The content that the image keeps alive, or null.</summary>
    public long? LiveContentId => Current.State == ImageState.Stored ? Current.ContentId : null;

    /// <summary>Whether the row says what the version says.</summary>
    public bool Reflects(ImageVersion version) =>
        Is(Current, version) || Is(Waiting, version) || Is(Failed, version.AsFailure());

    /// <summary>Whether the other row says anything else, revisions aside.</summary>
    public bool Differs(ImageRow other) => Differ(Current, other.Current) || Differ(Waiting, other.Waiting) || Differ(Failed, other.Failed);

    private static bool Is(ImageVersion? own, ImageVersion version) => own is not null && RevisionRule.Compare(own, version) == 0;

    private static bool Differ(ImageVersion? left, ImageVersion? right) =>
        (left is null) != (right is null)
        || (left is not null && right is not null
            && (left.State != right.State
                || (left.State != ImageState.Retracted
                    && (left.ContentId != right.ContentId || left.ProductKey != right.ProductKey || left.KeyScope != right.KeyScope
                        || left.Uri != right.Uri || left.Reason != right.Reason))));
}
