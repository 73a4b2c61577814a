using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Submissions;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>Reads a feed row by row, in the same order every time, in constant memory.</summary>
internal interface IFeedReader
{
    /// <summary>Name in <c>cpf.feeds.format</c>.</summary>
    string Format { get; }

    /// <summary>One row for every listed image, without source. <see cref="Submission.Problem"/> says what is wrong with a row.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="findings">Takes what is not a row: files left out, keys that fit nothing.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="FeedFormatException">The feed itself is malformed, or lists nothing.</exception>
    /// <exception cref="IOException">The feed cannot be read.</exception>
    IAsyncEnumerable<Submission> ReadAsync(Feed feed, FeedFindings findings, CancellationToken cancellationToken);
}
