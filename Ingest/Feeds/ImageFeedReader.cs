using System.Runtime.CompilerServices;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>A single image file: a feed of one. external_id is its name.</summary>
internal sealed class ImageFeedReader : IFeedReader
{
    public string Format => FeedFormat.Image;

    public async IAsyncEnumerable<Submission> ReadAsync(
        Feed feed, FeedFindings findings, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!File.Exists(feed.Path))
        {
            throw new FileNotFoundException($"There is no file {feed.Path}.");
        }

        var keys = feed.KeysPath is null ? null : ProductKeys.Read(feed, cancellationToken);
        yield return new Submission
        {
            ExternalId = Path.GetFileName(feed.Path),
            Uri = ImageUri.FromPath(feed.Path),
            ProductKey = keys?.Find(feed.Path),
            KeyScope = ProductKeyScope.Source,
        };
    }
}
