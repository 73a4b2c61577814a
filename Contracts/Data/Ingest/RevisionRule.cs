using System.Text;

namespace CpfPipeline.Data;

/// <summary>
/// Which of two changes of one image wins, whatever the order in which they arrive: a total order, so that redelivery, duplicates
/// and competing consumers end in the same row. <see cref="ImageStore"/>'s upsert says the same in SQL.
/// <list type="number">
/// <item>An outcome wins over <see cref="ImageState.Received"/>: a live image stays live until its update has been fetched.</item>
/// <item>The higher revision wins.</item>
/// <item>At equal revision: retracted, stored, rejected, received.</item>
/// <item>Then the larger content id, reason code, product key, key scope and URI (text by its UTF-8 bytes): arbitrary, but the same
/// everywhere.</item>
/// </list>
/// </summary>
public static class RevisionRule
{
    /// <summary>
    /// Positive when <paramref name="left"/> wins over <paramref name="right"/>, zero when they are the same to the rule.
    /// </summary>
    public static int Compare(ImageChange left, ImageChange right)
    {
        var order = (left.State != ImageState.Received).CompareTo(right.State != ImageState.Received);
        order = order != 0 ? order : left.Revision.CompareTo(right.Revision);
        order = order != 0 ? order : left.State.CompareTo(right.State);
        order = order != 0 ? order : (left.Content?.ContentId ?? -1).CompareTo(right.Content?.ContentId ?? -1);
        order = order != 0 ? order : CompareBytes(left.RejectReason, right.RejectReason);
        order = order != 0 ? order : CompareBytes(left.ProductKey, right.ProductKey);
        order = order != 0 ? order : CompareBytes(left.KeyScope, right.KeyScope);
        return order != 0 ? order : CompareBytes(left.Uri, right.Uri);
    }

    /// <summary>The winner; the first of several that are the same to the rule.</summary>
    /// <param name="changes">Changes of one image, at least one.</param>
    public static ImageChange Fold(IEnumerable<ImageChange> changes) =>
        changes.Aggregate((winner, next) => Compare(next, winner) > 0 ? next : winner);

    // As PostgreSQL compares text under collation "C". UTF-16 code units would order surrogates differently.
    private static int CompareBytes(string? left, string? right) =>
        string.Equals(left, right, StringComparison.Ordinal)
            ? 0
            : Encoding.UTF8.GetBytes(left ?? "").AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right ?? ""));
}
