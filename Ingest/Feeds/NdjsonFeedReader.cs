using System.Runtime.CompilerServices;
using System.Text.Json;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Submissions;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>A JSON object a line, with the fields of a CSV feed; blank lines are skipped.</summary>
internal sealed class NdjsonFeedReader : IFeedReader
{
    private const int MaxLineLength = 1_000_000;

    public string Format => "ndjson";

    public async IAsyncEnumerable<Submission> ReadAsync(
        Feed feed, FeedFindings findings, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var isEmpty = true;
        using var text = await FeedText.OpenAsync(feed.Path, feed.Charset, isXml: false, findings, cancellationToken);
        var lines = new BoundedLines(text, MaxLineLength);
        while (await lines.ReadAsync(cancellationToken) is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            isEmpty = false;
            var row = Parse(line, lines.Number);
            yield return row with { Uri = FeedPath.Resolve(feed, row.Uri) };
        }

        if (isEmpty)
        {
            throw new FeedFormatException("There is no line in the file.");
        }
    }

    private static Submission Parse(string line, long number)
    {
        try
        {
            return SubmissionJson.Read(JsonSerializer.Deserialize<JsonElement>(line));
        }
        catch (JsonException e)
        {
            return new Submission { Problem = $"Line {number} is not JSON (column {e.BytePositionInLine + 1}).", IsUnreadable = true };
        }
    }
}
