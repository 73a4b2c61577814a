using System.Text;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Images;

/// <summary>
/// What an image is after a submission, a failed submission or a retraction, whatever the order in which they arrive. Redelivery,
/// duplicates and
/// competing consumers end in the same row, because the row keeps maxima of a total order:
/// <list type="number">
/// <item>What is applied: the highest revision that was stored or retracted. Only these change what is live.</item>
/// <item>What failed: the highest revision that was rejected. It makes a rejected image when nothing is live; else it is told beside the
/// live content.
/// A failure that is not newer than what is applied is forgotten.</item>
/// <item><see cref="ImageState.Received"/> never replaces an outcome.</item>
/// <item>At equal revision: retracted, stored, rejected, received. Then the larger content id, reason code, product key, key scope and
/// URI (text by its
/// UTF-8 bytes): arbitrary, but the same everywhere.</item>
/// </list>
/// </summary>
internal static class RevisionRule
{
    // At equal revision.
    private static readonly string[] Ranked = [ImageState.Received, ImageState.Rejected, ImageState.Stored, ImageState.Retracted];

    /// <summary>
    /// The total order: positive when <paramref name="left"/> ranks above <paramref name="right"/>, zero when they are the same to it.
    /// </summary>
    public static int Compare(ImageVersion left, ImageVersion right)
    {
        var order = left.Revision.CompareTo(right.Revision);
        order = order != 0 ? order : RankOf(left).CompareTo(RankOf(right));
        if (order != 0 || left.State == ImageState.Retracted)
        {
            return order; // What else a retracted row says is history.
        }

        order = (left.ContentId ?? -1).CompareTo(right.ContentId ?? -1);
        order = order != 0 ? order : CompareBytes(left.Reason, right.Reason);
        order = order != 0 ? order : CompareBytes(left.ProductKey, right.ProductKey);
        order = order != 0 ? order : CompareBytes(left.KeyScope, right.KeyScope);
        return order != 0 ? order : CompareBytes(left.Uri, right.Uri);
    }

    /// <summary>The row after the version.</summary>
    /// <param name="row">The row before, or null.</param>
    /// <param name="next">What arrives.</param>
    /// <param name="isUndecoded">Whether this content was not decoded yet. It replaces a decoded one only once it has been decoded.</param>
    public static ImageRow Merge(ImageRow? row, ImageVersion next, Func<long, bool> isUndecoded)
    {
        if (row is null)
        {
            return Row(next);
        }

        return next.State switch
        {
            ImageState.Received => row.Current.State == ImageState.Received && Compare(next, row.Current) > 0 ? Row(next) : row,
            ImageState.Rejected => Fail(row, next),
            _ => Apply(row, next, isUndecoded),
        };
    }

    private static int RankOf(ImageVersion version) => Array.IndexOf(Ranked, version.State);

    private static ImageRow Fail(ImageRow row, ImageVersion next)
    {
        switch (row.Current.State)
        {
            case ImageState.Received:
                return Row(next);
            case ImageState.Rejected:
                return Compare(next, row.Current) > 0 ? row with { Current = next } : row;
            case ImageState.Retracted when next.Revision > row.Current.Revision:
                return new ImageRow(next, row.Current.Revision, null, null);
        }

        var failure = next.AsFailure();
        var isNews = next.HasNoRevision || next.Revision > (row.Waiting ?? row.Current).Revision;
        return isNews && (row.Failed is null || Compare(failure, row.Failed) > 0) ? row with { Failed = failure } : row;
    }

    private static ImageRow Apply(ImageRow row, ImageVersion next, Func<long, bool> isUndecoded)
    {
        if (row.Current.State is ImageState.Received or ImageState.Rejected)
        {
            var failed = row.Current.State == ImageState.Rejected ? row.Current : null;
            return IsOlderThanApplied(row, next) ? row : WithFailed(next, failed);
        }

        var order = Compare(next, row.Waiting ?? row.Current);
        if (order < 0)
        {
            return row;
        }

        if (order == 0)
        {
            return row with { Failed = IsNewer(row.Failed, next) ? row.Failed : null };
        }

        var waits = next.State == ImageState.Stored && row.LiveContentId is { } live && live != next.ContentId
            && isUndecoded(next.ContentId!.Value) && !isUndecoded(live);
        return waits
            ? row with { Waiting = next, Failed = IsNewer(row.Failed, next) ? row.Failed : null }
            : WithFailed(next.State == ImageState.Retracted ? Retire(row.Current, next) : next, row.Failed);
    }

    // A rejected image that was retracted before is as if it were retracted still. One whose own content turned out to be unusable is not:
    // the same revision may bring another content.
    private static bool IsOlderThanApplied(ImageRow row, ImageVersion next) =>
        next.Revision < row.AppliedRevision
        || (next.Revision == row.AppliedRevision && next.State == ImageState.Stored && row.Current.Revision != row.AppliedRevision);

    // A newer failure of a retracted image makes it a rejected one: nothing is live that it could take away.
    private static ImageRow WithFailed(ImageVersion applied, ImageVersion? failed) =>
        !IsNewer(failed, applied) ? Row(applied)
        : applied.State == ImageState.Retracted ? new ImageRow(failed!, applied.Revision, null, null)
        : Row(applied) with { Failed = failed!.AsFailure() };

    private static bool IsNewer(ImageVersion? failed, ImageVersion applied) =>
        failed is { HasNoRevision: false } && failed.Revision > applied.Revision;

    // A retraction says nothing of the picture; the row keeps what is known, for history.
    private static ImageVersion Retire(ImageVersion current, ImageVersion retraction) =>
        current with { State = ImageState.Retracted, Revision = retraction.Revision, Reason = null, Detail = null };

    private static ImageRow Row(ImageVersion version) =>
        new(version, version.State is ImageState.Stored or ImageState.Retracted ? version.Revision : null, null, null);

    // As PostgreSQL compares text under collation "C". UTF-16 code units would order surrogates differently.
    private static int CompareBytes(string? left, string? right) =>
        string.Equals(left, right, StringComparison.Ordinal)
            ? 0
            : Encoding.UTF8.GetBytes(left ?? "").AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right ?? ""));
}
