using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Submissions;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>
/// Counts the rows of a feed before any is applied: this also finds a malformed end, and what is worth telling besides its rows.
/// </summary>
internal static class FeedCount
{
    /// <summary>How many rows there are.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="feed">Their feed.</param>
    /// <param name="findings">Is told what is odd.</param>
    /// <param name="listing">Is told each row; null for a feed with a file of its own.</param>
    public static async Task<long> CountAsync(IAsyncEnumerable<Submission> rows, Feed feed, FeedFindings findings, ListingHash? listing)
    {
        var count = 0L;
        await foreach (var row in rows)
        {
            listing?.Add(row);
            if (FeedRights.IsDemoted(feed, row) && row.ExternalId is { } named)
            {
                findings.Add("rows have a global product key, which counts for this source only: the feed may not say global ones", named);
            }

            var warning = row.Warning ?? ProductKeyRule.Normalise(row.ProductKey, row.KeyScope).Problem;
            if (warning is not null && row.ExternalId is { } externalId)
            {
                findings.Add("rows have a GTIN that is no key", $"{externalId} ({warning})");
            }

            count++;
        }

        return count;
    }
}
