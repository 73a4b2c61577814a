using CpfPipeline.Data.Feeds;

namespace CpfPipeline.Cli.Feeds;

/// <summary>What became of a feed's rows. Every row is counted once: the counts add up to <paramref name="Rows"/>.</summary>
/// <param name="Rows">Rows read.</param>
/// <param name="Stored">Rows whose image is new or changed.</param>
/// <param name="Unchanged">Rows that changed nothing.</param>
/// <param name="Rejected">Rows that were refused, and rows whose picture turned out to be unusable later.</param>
/// <param name="Waiting">Rows whose image was still to be fetched when the feed ended.</param>
/// <param name="Unlisted">Of the rejected, rows that were not recorded one by one, because they were too many.</param>
internal sealed record FeedCounts(long Rows, long Stored, long Unchanged, long Rejected, long Waiting, long Unlisted)
{
    /// <summary>
    /// Ingest counts a row as stored or unchanged when it has the picture's bytes; the Embedder may find out later that they cannot be
    /// decoded.
    /// </summary>
    /// <param name="feed">The feed's own counts.</param>
    /// <param name="rejections">Its rejected inputs by reason.</param>
    public static FeedCounts Of(Feed feed, IReadOnlyCollection<RejectedInputs> rejections)
    {
        var late = rejections.Sum(r => r.Late);
        var unlisted = Math.Max(0, feed.Rejected - rejections.Sum(r => r.Count - r.Late));

        // An image whose row was not recorded looks like one that was rejected late.
        late = Math.Clamp(late - unlisted, 0, feed.Stored + feed.Unchanged);
        var stored = Math.Max(0, feed.Stored - late);
        var unchanged = feed.Unchanged - (late - (feed.Stored - stored));
        var rejected = feed.Rejected + late;
        return new(feed.RowsRead, stored, unchanged, rejected, Math.Max(0, feed.RowsRead - stored - unchanged - rejected), unlisted);
    }
}
