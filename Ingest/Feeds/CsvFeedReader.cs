using System.Runtime.CompilerServices;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Submissions;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>CSV with the columns external_id, uri and, if wanted, product_key, key_scope, revision.</summary>
internal sealed class CsvFeedReader : IFeedReader
{
    public string Format => "csv";

    public async IAsyncEnumerable<Submission> ReadAsync(
        Feed feed, FeedFindings findings, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = DelimitedReader.ReadAsync(
            () => FeedText.OpenAsync(feed.Path, feed.Charset, isXml: false, findings, cancellationToken), tabs: false,
            [("externalid", "external_id"), ("uri", "uri")], cancellationToken);
        await foreach (var row in rows)
        {
            var revision = row["revision"] is { } text ? RevisionText.Parse(text) : null;
            yield return new Submission
            {
                ExternalId = row["externalid"],
                Uri = FeedPath.Resolve(feed, row["uri"]),
                ProductKey = row["productkey"],
                KeyScope = row["keyscope"],
                Revision = revision,
                HasMalformedRevision = row["revision"] is not null && revision is null,
                Problem = row.Problem,
                IsUnreadable = row.IsUnreadable,
            };
        }
    }
}
