using CpfPipeline.Cli.Services;

namespace CpfPipeline.Cli.Feeds;

/// <summary>Hands feeds to Ingest.</summary>
internal sealed class FeedClient(ServiceClient ingest)
{
    /// <summary>Queues a feed.</summary>
    /// <returns>Its id.</returns>
    /// <exception cref="CommandException">Ingest does not answer (3), or refuses the feed (2).</exception>
    public async Task<long> SubmitAsync(FeedBody feed, CancellationToken cancellationToken) =>
        (await ingest.PostAsync<FeedAnswer>("/feeds", feed, cancellationToken)).FeedId;

    private sealed record FeedAnswer
    {
        public required long FeedId { get; init; }
    }
}
