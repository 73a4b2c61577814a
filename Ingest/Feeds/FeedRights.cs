using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>What the rows of a feed may say depends on who handed it in. Pure.</summary>
internal static class FeedRights
{
    /// <summary>The row, with a product key that counts for its source only where the feed may not say global ones.</summary>
    public static Submission Apply(Feed feed, Submission row) =>
        IsDemoted(feed, row) ? row with { KeyScope = ProductKeyScope.Source } : row;

    /// <summary>Whether the row says a global product key that the feed may not say.</summary>
    public static bool IsDemoted(Feed feed, Submission row) => !feed.GlobalKeys && row.KeyScope == ProductKeyScope.Global;

    /// <summary>
    /// The entry, refused when it names a file or an object of a bucket and the feed may not. The reason is none that a replay asks again
    /// for: that would be done with the rights of somebody else.
    /// </summary>
    public static ImageEntry Apply(Feed feed, ImageEntry entry) =>
        feed.ReadsFiles || entry.Reason is not null || !(ImageUri.IsFile(entry.Uri) || S3Address.IsS3(entry.Uri)) ? entry
        : entry with
        {
            Reason = RejectReasons.InvalidUri,
            Detail = $"Files and objects of buckets may only be named by a feed that was handed in with the role {AccessRole.Operate}.",
        };
}
