using System.Globalization;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Downloads;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>Brings a feed by URL to this machine, puts it off while its host fails, or finds that it has not changed.</summary>
internal sealed class FeedArrival(
    FeedDownload download, FeedSpool spool, FeedDownloadStore downloads, KnownFeedStore known, FileFetcher files,
    FeedStore feeds, IOptions<IngestOptions> options, TimeProvider time, ILogger<FeedArrival> logger)
{
    private const int SampleCharacters = 4096;
    private readonly IngestOptions _options = options.Value;

    /// <summary>The feed with its file; null when it ended, or is put off.</summary>
    /// <param name="feed">A running feed with a URL.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="FeedTakenException">It was cancelled meanwhile.</exception>
    public async Task<Feed?> FetchAsync(Feed feed, CancellationToken cancellationToken)
    {
        // A feed whose format could not be told ends below, also when a crash came between.
        if (feed.Format != FeedFormat.Auto && feed.Sha256 is { } sha256 && await spool.HoldsAsync(feed.FeedId, sha256, cancellationToken))
        {
            return feed with { Path = spool.PathOf(feed.FeedId) };
        }

        await RemoveOldAsync(cancellationToken);
        var former = await known.FindAsync(
            feed, time.GetUtcNow() - _options.RecheckAfter, files.Compare(feedFolder: null), cancellationToken);
        var (failure, body) = await TryAsync(feed, former, cancellationToken);
        if (failure is not null)
        {
            spool.Remove(feed.FeedId);
            await FailAsync(feed, failure, cancellationToken);
            return null;
        }

        if (body is null)
        {
            await known.RepeatAsync(feed.FeedId, former!, "its server says so", findings: null, cancellationToken);
            return null;
        }

        var format = feed.Format == FeedFormat.Auto ? await DetectAsync(feed, body, cancellationToken) : null;
        await downloads.FinishAsync(feed.FeedId, body, format, cancellationToken);
        if (former is not null && former.Sha256.AsSpan().SequenceEqual(body.Sha256))
        {
            await known.RepeatAsync(feed.FeedId, former, "the same bytes", findings: null, cancellationToken);
            spool.Remove(feed.FeedId);
            return null;
        }

        if (feed.Format == FeedFormat.Auto && format is null)
        {
            spool.Remove(feed.FeedId);
            await feeds.EndAsync(
                feed.FeedId, FeedState.Failed, $"{Shown(feed)}: neither its name nor its beginning tells what it is; give the format.",
                cancellationToken);
            return null;
        }

        return (await feeds.FindAsync(feed.FeedId, cancellationToken) ?? throw new FeedTakenException(feed.FeedId)) with
        {
            Path = spool.PathOf(feed.FeedId),
        };
    }

    /// <summary>Removes the file of a feed whose rows were read.</summary>
    public void Forget(Feed feed) => spool.Remove(feed.FeedId);

    // A full disk may be emptied; one that stays full ends the feed like a host that stays silent.
    private async Task<(FetchOutcome? Failure, FeedBody? Body)> TryAsync(Feed feed, KnownFeed? former, CancellationToken cancellationToken)
    {
        try
        {
            return await download.TryAsync(feed, former, cancellationToken);
        }
        catch (SpoolException e)
        {
            Log.FeedUnreadable(logger, feed.FeedId, e);
            return (FetchOutcome.Fail(RejectReasons.FetchFailed, e.Message), null);
        }
        catch (FeedTakenException)
        {
            spool.Remove(feed.FeedId);
            throw;
        }
    }

    private async Task FailAsync(Feed feed, FetchOutcome outcome, CancellationToken cancellationToken)
    {
        var attempts = feed.Attempts + (outcome.WasTried ? 1 : 0);
        var age = time.GetUtcNow() - (feed.StartedAt ?? time.GetUtcNow());

        // Patience is for waiting: a download that breaks after an hour has worked for an hour.
        if (outcome.MayRecover && FetchSchedule.NextPause(feed.FeedId, attempts, feed.Waited, outcome, _options) is { } pause)
        {
            await downloads.PostponeAsync(feed.FeedId, attempts, pause, cancellationToken);
            return;
        }

        var tried = attempts > 1
            ? string.Create(CultureInfo.InvariantCulture, $" Tried {attempts} times in {age.TotalSeconds:0} s.")
            : "";
        await feeds.EndAsync(feed.FeedId, FeedState.Failed, $"{Shown(feed)}: {outcome.Detail}{tried}", cancellationToken);
    }

    private async Task<string?> DetectAsync(Feed feed, FeedBody body, CancellationToken cancellationToken)
    {
        var named = FeedFormat.OfName(body.FileName ?? Path.GetFileName(new Uri(feed.Url!).AbsolutePath));
        if (named is not (null or FeedFormat.Image or FeedFormat.MerchantTsv))
        {
            return named;
        }

        var announced = FeedFormat.OfMediaType(body.MediaType) ?? (named == FeedFormat.MerchantTsv ? named : null);

        try
        {
            using var text = await FeedText.OpenAsync(
                spool.PathOf(feed.FeedId), charset: null, isXml: true, new FeedFindings { MaxUnpackedBytes = _options.MaxFeedBytes },
                cancellationToken);
            var sample = new char[SampleCharacters];
            return FeedFormat.OfText(new string(sample, 0, await text.ReadBlockAsync(sample, cancellationToken)))
                ?? announced;
        }
        catch (Exception e) when (e is InvalidDataException or FeedFormatException)
        {
            return announced; // Whoever reads it finds the same and tells.
        }
    }

    // What a crash, or another instance, has left.
    private async Task RemoveOldAsync(CancellationToken cancellationToken)
    {
        foreach (var feedId in spool.List())
        {
            if (await feeds.FindAsync(feedId, cancellationToken) is not { State: FeedState.Queued or FeedState.Running })
            {
                spool.Remove(feedId);
            }
        }
    }

    // A query may be a password.
    private static string Shown(Feed feed) => new Uri(feed.Url!).GetLeftPart(UriPartial.Path);
}
