using CpfPipeline.Cli.Services;

namespace CpfPipeline.Cli.Feeds;

/// <summary>Hands feeds to Ingest, and lists them.</summary>
internal sealed class FeedClient(ServiceClient ingest)
{
    /// <summary>Queues a feed.</summary>
    /// <returns>Its id.</returns>
    /// <exception cref="CommandException">Ingest does not answer (3), or refuses the feed (2).</exception>
    public async Task<long> SubmitAsync(FeedBody feed, CancellationToken cancellationToken) =>
        (await ingest.PostAsync<FeedAnswer>("/feeds", feed, cancellationToken)).FeedId;

    /// <summary>The newest feeds, newest first.</summary>
    /// <exception cref="CommandException">Ingest does not answer.</exception>
    public Task<IReadOnlyList<ListedFeed>> ListAsync(string? source, string? state, int limit, CancellationToken cancellationToken) =>
        ingest.GetAsync<IReadOnlyList<ListedFeed>>(PathOf(source, state, limit), cancellationToken);

    /// <inheritdoc cref="ListAsync"/>
    public Task<string> ListJsonAsync(string? source, string? state, int limit, CancellationToken cancellationToken) =>
        ingest.SendAsync(HttpMethod.Get, PathOf(source, state, limit), null, cancellationToken);

    private static string PathOf(string? source, string? state, int limit) =>
        $"/feeds?limit={limit}"
        + (source is null ? "" : $"&source={Uri.EscapeDataString(source)}")
        + (state is null ? "" : $"&state={Uri.EscapeDataString(state)}");

    private sealed record FeedAnswer
    {
        public required long FeedId { get; init; }
    }
}
