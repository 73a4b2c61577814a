using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Intake;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>Reads a feed row by row, in the same order every time, in constant memory.</summary>
internal interface IFeedReader
{
    /// <summary>Name in <c>cpf.feeds.format</c>.</summary>
    string Format { get; }

    /// <summary>The rows: one for every image listed, without source. What is wrong with a row is told in <see cref="Submission.Problem"/>.</summary>
    /// <exception cref="FeedFormatException">The feed itself is malformed.</exception>
    /// <exception cref="IOException">The feed cannot be read.</exception>
    IAsyncEnumerable<Submission> ReadAsync(Feed feed, CancellationToken cancellationToken);
}
