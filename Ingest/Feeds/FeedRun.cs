using System.Threading.Channels;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Ingest.Pressure;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>Reads one feed from its last applied row to its end. The next batch is fetched while the last one is applied.</summary>
internal sealed class FeedRun(
    IEnumerable<IFeedReader> readers, ImageIntake intake, ConfirmedRows confirmed, FileFetcher files, FeedStore feeds,
    KnownFeedStore known, SnapshotRetraction snapshot, IntakeGate gate, IOptions<IngestOptions> options, TimeProvider time,
    ILogger<FeedRun> logger)
{
    private const string Mixed =
        "The feed changed while it was read, so that its rows come from more than one version of it; hand it in again.";

    private static readonly TimeSpan PauseOfWaiting = TimeSpan.FromSeconds(1);
    private readonly IngestOptions _options = options.Value;

    /// <summary>Reads the feed. A fault of the feed itself ends it as failed.</summary>
    /// <returns>State and message that the feed ended with; null while images of its rows are still to be fetched.</returns>
    /// <exception cref="FeedTakenException">It was cancelled, or is read elsewhere.</exception>
    public async Task<(string State, string? Message)?> RunAsync(Feed feed, CancellationToken cancellationToken)
    {
        var file = feed is { Url: null, HasRowsToRead: true } && !IsListing(feed) && File.Exists(feed.Path)
            ? await LocalFeedFile.LookAsync(feed.Path, cancellationToken)
            : null;
        if (feed.RowsRead == 0 && (IsListing(feed) || file?.Is(feed.Sha256) == false))
        {
            feed = feed with { RowsTotal = null }; // Of what was counted before a crash nothing was applied.
        }

        if (file is not null && await RepeatAsync(feed, file.Sha256, file.Bytes, findings: null, cancellationToken) is { } unchanged)
        {
            return (FeedState.Finished, unchanged);
        }

        if (await ReadToEndAsync(feed, file, cancellationToken) is not var (state, message, isNoted))
        {
            return null;
        }

        return isNoted || await feeds.EndAsync(feed.FeedId, state, message, cancellationToken)
            ? (state, message)
            : throw new FeedTakenException(feed.FeedId);
    }

    // It has no file of its own that a hash could stand for.
    private static bool IsListing(Feed feed) => feed.Format == FeedFormat.Folder;

    private async Task<string?> RepeatAsync(
        Feed feed, byte[] sha256, long? bytes, IReadOnlyCollection<string>? findings, CancellationToken cancellationToken)
    {
        // A feed that is resumed keeps the hash that its first rows came from.
        if (feed.RowsRead == 0)
        {
            await known.NoteHashAsync(feed.FeedId, sha256, bytes, cancellationToken);
        }

        var former = await known.FindAsync(
            feed with { Sha256 = sha256 }, time.GetUtcNow() - _options.RecheckAfter, Compare(feed), cancellationToken);
        var why = IsListing(feed) ? "the same files" : "the same bytes";
        return former is null ? null : await known.RepeatAsync(feed.FeedId, former, why, findings, cancellationToken);
    }

    private FileComparison Compare(Feed feed) => files.Compare(FeedPath.RealFolderOf(feed));

    private async Task<Ending?> ReadToEndAsync(Feed feed, LocalFeedFile? file, CancellationToken cancellationToken)
    {
        var reader = readers.Single(r => r.Format == feed.Format);
        using var listing = IsListing(feed) ? new ListingHash() : null;
        try
        {
            // Counting first also finds a malformed end before anything is applied.
            if (feed.RowsTotal is null)
            {
                var findings = NewFindings();
                var total = await FeedCount.CountAsync(Read(reader, feed, findings, cancellationToken), feed, findings, listing);
                if (listing is not null)
                {
                    var sha256 = listing.Take();
                    if (await RepeatAsync(feed, sha256, bytes: null, findings.Sentences(), cancellationToken) is { } unchanged)
                    {
                        return new Ending(FeedState.Finished, unchanged, IsNoted: true);
                    }

                    feed = feed with { Sha256 = sha256 };
                }

                await feeds.SetTotalAsync(feed.FeedId, total, findings.Sentences(), cancellationToken);
            }

            if (feed.HasRowsToRead)
            {
                // Before anything is applied: another crash must leave no hash either.
                if (feed.RowsRead > 0 && await IsAnotherAsync(reader, feed, file, listing, cancellationToken))
                {
                    await known.ForgetHashAsync(feed.FeedId, cancellationToken);
                }

                await ApplyAsync(reader, feed, listing, cancellationToken);
                if ((listing is not null && !listing.Take().AsSpan().SequenceEqual(feed.Sha256)) || file?.IsStillThere() == false)
                {
                    await known.ForgetHashAsync(feed.FeedId, cancellationToken);
                }
            }
        }
        catch (FeedFormatException e)
        {
            return new Ending(FeedState.Failed, e.Message);
        }
        catch (FeedReadException e)
        {
            return new Ending(FeedState.Failed, e.Message);
        }

        if (await feeds.CountWaitingAsync(feed.FeedId, cancellationToken) > 0)
        {
            return null; // It is looked at again; meanwhile other feeds are read.
        }

        var read = await feeds.FindAsync(feed.FeedId, cancellationToken) ?? throw new FeedTakenException(feed.FeedId);
        if (feed.Snapshot && (read.Sha256 is null || read.RowsRead < read.RowsTotal))
        {
            return new Ending(
                FeedState.Refused, "The feed changed while it was read, so that it was not read wholly; nothing was retracted.");
        }

        if (file is not null && read.RowsRead < read.RowsTotal)
        {
            return new Ending(FeedState.Failed, "The file changed while it was read: rows that were counted were not there any more.");
        }

        var (state, message) = feed.Snapshot ? await snapshot.RunAsync(read, cancellationToken)
            : (FeedState.Finished, feed.Url is null && read.Sha256 is null ? Mixed : null);
        if (state == FeedState.Finished)
        {
            await known.NoteEndAsync(feed.FeedId, cancellationToken);
        }

        return new Ending(state, message);
    }

    // Whether the rows before a crash came from something else.
    private async Task<bool> IsAnotherAsync(
        IFeedReader reader, Feed feed, LocalFeedFile? file, ListingHash? listing, CancellationToken cancellationToken)
    {
        if (listing is null)
        {
            return file?.Is(feed.Sha256) == false;
        }

        var findings = NewFindings();
        await FeedCount.CountAsync(Read(reader, feed, findings, cancellationToken), feed, findings, listing);
        return !listing.Take().AsSpan().SequenceEqual(feed.Sha256);
    }

    private IAsyncEnumerable<Submission> Read(
        IFeedReader reader, Feed feed, FeedFindings findings, CancellationToken cancellationToken) =>
        FeedGuard.ReadAsync(reader, feed, findings, logger, cancellationToken);

    private FeedFindings NewFindings() => new() { MaxUnpackedBytes = _options.MaxFeedBytes };

    private async Task ApplyAsync(IFeedReader reader, Feed feed, ListingHash? listing, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var channel = Channel.CreateBounded<FeedBatch>(1);
        var preparing = PrepareAsync(reader, feed, listing, channel.Writer, stop.Token);
        try
        {
            await foreach (var batch in channel.Reader.ReadAllAsync(cancellationToken))
            {
                if (batch.IsConfirmed)
                {
                    await feeds.AdvanceAsync(batch.Progress([]), cancellationToken);
                    continue;
                }

                await intake.ApplyAsync(batch.Prepared, batch.AdvanceAsync, cancellationToken);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await preparing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await preparing;
    }

    private async Task PrepareAsync(
        IFeedReader reader, Feed feed, ListingHash? listing, ChannelWriter<FeedBatch> batches, CancellationToken cancellationToken)
    {
        try
        {
            var folder = FeedPath.RealFolderOf(feed);
            var row = 0L;
            var batch = new FeedBatch(feed, feed.RowsRead);
            var findings = NewFindings();
            await foreach (var submission in Read(reader, feed, findings, cancellationToken))
            {
                listing?.Add(submission);
                if (++row <= feed.RowsRead)
                {
                    continue;
                }

                batch.Add(row, submission with { Source = feed.Source, SentAtMilliseconds = feed.Revision }, folder, findings.BytesRead);
                if (batch.Rows == _options.FeedBatchRows)
                {
                    await batches.WriteAsync(await PrepareAsync(feed, batch, cancellationToken), cancellationToken);
                    batch = new FeedBatch(feed, row);
                }
            }

            if (batch.Rows > 0)
            {
                await batches.WriteAsync(await PrepareAsync(feed, batch, cancellationToken), cancellationToken);
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

    private async Task<FeedBatch> PrepareAsync(Feed feed, FeedBatch batch, CancellationToken cancellationToken)
    {
        if (!feed.Refetch)
        {
            await batch.ConfirmAsync(confirmed, Compare(feed), time.GetUtcNow() - _options.RecheckAfter, cancellationToken);
        }

        // Rows that change nothing store nothing.
        if (!batch.IsConfirmed)
        {
            await WaitAsync(feed, cancellationToken);
        }

        return await batch.PrepareAsync(intake, cancellationToken);
    }

    private async Task WaitAsync(Feed feed, CancellationToken cancellationToken)
    {
        if (gate.WhyClosed(IntakeWay.Direct) is null)
        {
            return;
        }

        while (gate.WhyClosed(IntakeWay.Direct) is { } why)
        {
            await SayAsync($"Waits: {why}");
            await Task.Delay(PauseOfWaiting, time, cancellationToken);
        }

        await SayAsync(null);

        // Also how it learns that somebody cancelled it meanwhile.
        async Task SayAsync(string? message)
        {
            if (!await feeds.SayAsync(feed.FeedId, message, cancellationToken))
            {
                throw new FeedTakenException(feed.FeedId);
            }
        }
    }

    /// <param name="State">State that the feed ends with.</param>
    /// <param name="Message">What is to be told, or null.</param>
    /// <param name="IsNoted">Whether the database says so already.</param>
    private sealed record Ending(string State, string? Message, bool IsNoted = false);
}
