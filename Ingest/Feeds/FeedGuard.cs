using System.Runtime.CompilerServices;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Submissions;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>
/// Reads a feed's rows. A fault of the feed's own file ends the feed: taken for broken infrastructure, it would be tried again for ever.
/// </summary>
internal static class FeedGuard
{
    /// <exception cref="FeedReadException">The file cannot be read. It says why without a path; the log has that.</exception>
    public static async IAsyncEnumerable<Submission> ReadAsync(
        IFeedReader reader, Feed feed, FeedFindings findings, ILogger logger, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var rows = reader.ReadAsync(feed, findings, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await rows.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                Log.FeedUnreadable(logger, feed.FeedId, e);
                throw new FeedReadException($"The feed cannot be read: {FileFault.Of(e).TrimEnd('.')}.");
            }

            yield return rows.Current;
        }
    }
}
