using System.Threading.Channels;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>Reads one feed from its last applied row to its end. The next batch is fetched while the last one is applied.</summary>
internal sealed class FeedRun(
    IEnumerable<IFeedReader> readers, ImageIntake intake, FeedStore feeds, SnapshotRetraction snapshot, IOptions<IngestOptions> options)
{
    private readonly IngestOptions _options = options.Value;

    /// <summary>Reads the feed. A fault of the feed itself ends it as failed.</summary>
    /// <returns>State and message that the feed ended with; null while images of its rows are still to be fetched.</returns>
    /// <exception cref="FeedTakenException">It was cancelled, or is read elsewhere.</exception>
    public async Task<(string State, string? Message)?> RunAsync(Feed feed, CancellationToken cancellationToken)
    {
        if (await ReadToEndAsync(feed, cancellationToken) is not var (state, message))
        {
            return null;
        }

        return await feeds.EndAsync(feed.FeedId, state, message, cancellationToken)
            ? (state, message)
            : throw new FeedTakenException(feed.FeedId);
    }

    private async Task<(string State, string? Message)?> ReadToEndAsync(Feed feed, CancellationToken cancellationToken)
    {
        var reader = readers.Single(r => r.Format == feed.Format);
        try
        {
            // Counting first also finds a malformed end before anything is applied.
            if (feed.RowsTotal is null)
            {
                var findings = new FeedFindings();
                var total = await CountAsync(reader, feed, findings, cancellationToken);
                await feeds.SetTotalAsync(feed.FeedId, total, findings.Sentences(), cancellationToken);
            }

            if (feed.RowsTotal is null || feed.RowsRead < feed.RowsTotal)
            {
                await ApplyAsync(reader, feed, cancellationToken);
            }
        }
        catch (FeedFormatException e)
        {
            return (FeedState.Failed, e.Message);
        }
        catch (FeedReadException e)
        {
            return (FeedState.Failed, e.Message);
        }

        if (await feeds.CountWaitingAsync(feed.FeedId, cancellationToken) > 0)
        {
            return null; // It is looked at again; meanwhile other feeds are read.
        }

        var read = await feeds.FindAsync(feed.FeedId, cancellationToken) ?? throw new FeedTakenException(feed.FeedId);
        return feed.Snapshot ? await snapshot.RunAsync(read, cancellationToken) : (FeedState.Finished, null);
    }

    private static async Task<long> CountAsync(
        IFeedReader reader, Feed feed, FeedFindings findings, CancellationToken cancellationToken)
    {
        var count = 0L;
        await foreach (var row in GuardAsync(reader, feed, findings, cancellationToken))
        {
            var warning = row.Warning ?? ProductKeyRule.Normalise(row.ProductKey, row.KeyScope).Problem;
            if (warning is not null && row.ExternalId is { } externalId)
            {
                findings.Add("rows have a GTIN that is no key", $"{externalId} ({warning})");
            }

            count++;
        }

        return count;
    }

    private async Task ApplyAsync(IFeedReader reader, Feed feed, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var channel = Channel.CreateBounded<FeedBatch>(1);
        var preparing = PrepareAsync(reader, feed, channel.Writer, stop.Token);
        try
        {
            await foreach (var batch in channel.Reader.ReadAllAsync(cancellationToken))
            {
                await intake.ApplyAsync(
                    batch.Prepared,
                    async (connection, results, token) =>
                    {
                        await FeedStore.AdvanceAsync(connection, batch.Progress(feed, results), token);
                        await ParkedFetchStore.ParkAsync(connection, batch.Parked(feed, results), token);
                    },
                    cancellationToken);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await preparing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await preparing;
    }

    private async Task PrepareAsync(IFeedReader reader, Feed feed, ChannelWriter<FeedBatch> batches, CancellationToken cancellationToken)
    {
        try
        {
            var folder = RealPath.Resolve(FeedPath.FolderOf(feed));
            var row = 0L;
            var batch = new FeedBatch(feed.RowsRead);
            await foreach (var submission in GuardAsync(reader, feed, new FeedFindings(), cancellationToken))
            {
                if (++row <= feed.RowsRead)
                {
                    continue;
                }

                batch.Add(row, submission with { Source = feed.Source, SentAtMilliseconds = feed.Revision }, folder);
                if (batch.Rows == _options.FeedBatchRows)
                {
                    await batches.WriteAsync(await batch.PrepareAsync(intake, cancellationToken), cancellationToken);
                    batch = new FeedBatch(row);
                }
            }

            if (batch.Rows > 0)
            {
                await batches.WriteAsync(await batch.PrepareAsync(intake, cancellationToken), cancellationToken);
            }

            batches.Complete();
        }
        catch (Exception e)
        {
            // The task itself throws these two to the caller.
            batches.Complete(e is FeedFormatException or FeedReadException ? null : e);
            throw;
        }
    }

    // A fault of the feed's own file ends the feed. Taken for broken infrastructure, it would be tried again for ever.
    private static async IAsyncEnumerable<Submission> GuardAsync(
        IFeedReader reader, Feed feed, FeedFindings findings,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
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
                throw new FeedReadException($"The feed cannot be read: {e.Message}");
            }

            yield return rows.Current;
        }
    }
}
