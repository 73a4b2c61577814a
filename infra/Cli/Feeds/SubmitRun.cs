using CpfPipeline.Data.Feeds;

namespace CpfPipeline.Cli.Feeds;

/// <summary>Hands in feeds and waits until every image of their sources is matched and reconciled.</summary>
internal sealed class SubmitRun(FeedClient client, FeedStore feeds, FeedOutcomeStore outcomes, ImageSettling settling, TimeProvider time)
{
    private const int FirstNames = 10;

    private readonly List<long> _accepted = [];

    /// <summary>Feeds that were handed in so far: they go on when waiting is cancelled.</summary>
    public IReadOnlyList<long> Accepted => _accepted;

    /// <summary>Runs the feeds side by side.</summary>
    /// <returns>How each ended, in the order given.</returns>
    /// <exception cref="CommandException">A service is gone, refuses, or nothing moves any more.</exception>
    public async Task<SubmitOutcome> RunAsync(IReadOnlyList<FeedBody> requests, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        foreach (var request in requests)
        {
            _accepted.Add(await client.SubmitAsync(request, cancellationToken));
        }

        var sources = requests.Select(r => r.Source).Distinct(StringComparer.Ordinal).ToArray();
        var reconcile = await settling.WaitAsync(sources, ReadFeedsAsync, cancellationToken);
        var elapsed = time.GetElapsedTime(start);
        var summaries = new List<FeedSummary>();
        foreach (var feed in await ReadFeedsAsync(cancellationToken))
        {
            var rejections = await outcomes.ReadRejectionsAsync(feed.FeedId, FirstNames, cancellationToken);
            var first = await outcomes.ListRejectionsAsync(feed.FeedId, FirstNames, cancellationToken).ToListAsync(cancellationToken);
            var (contents, groups, images) = await outcomes.ReadMatchedAsync(feed.FeedId, cancellationToken);
            summaries.Add(new(feed, rejections, first, contents, groups, images, elapsed));
        }

        return new(summaries, reconcile, elapsed);
    }

    private async Task<IReadOnlyList<Feed>> ReadFeedsAsync(CancellationToken cancellationToken)
    {
        var rows = new List<Feed>(_accepted.Count);
        foreach (var feedId in _accepted)
        {
            rows.Add(await feeds.FindAsync(feedId, cancellationToken)
                ?? throw CommandException.Infrastructure($"feed {feedId} is not in the database: Ingest works on another database"));
        }

        return rows;
    }
}
