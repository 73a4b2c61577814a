using CpfPipeline.Data;

namespace CpfPipeline.Ingest;

/// <summary>Reads a feed row by row, in the same order every time, in constant memory.</summary>
internal interface IFeedReader
{
    /// <summary>Name in <c>cpf.feeds.format</c>.</summary>
    string Format { get; }

    /// <summary>One row for every listed image, without source. <see cref="Submission.Problem"/> says what is wrong with a row.</summary>
    /// <exception cref="FeedFormatException">The feed itself is malformed.</exception>
    /// <exception cref="IOException">The feed cannot be read.</exception>
    IAsyncEnumerable<Submission> ReadAsync(Feed feed, CancellationToken cancellationToken);
}
