using System.Text.Json;
using System.Text.Json.Nodes;
using CpfPipeline.Matching.Embeddings;

namespace CpfPipeline.Nights.Drift;

/// <summary>How similar contents are to the content nearest to them, counted in steps; in a model's report under <c>similarity_histogram</c>.</summary>
/// <param name="Counts">Contents by similarity: 100 steps of 0.02 from -1 to 1, what lies beyond in the outermost.</param>
/// <param name="Gallery">Contents among which the nearest was looked for.</param>
internal sealed record NeighbourHistogram(IReadOnlyList<long> Counts, int Gallery)
{
    public const string JsonName = "similarity_histogram";

    private const double Low = -1;
    private const double Step = .02;
    private const int Bins = 100;

    /// <summary>Contents counted.</summary>
    public long Contents => Counts.Sum();

    public static NeighbourHistogram Of(IEnumerable<double> similarities, int gallery)
    {
        var counts = new long[Bins];
        foreach (var similarity in similarities)
        {
            counts[Math.Clamp((int)Math.Floor((similarity - Low) / Step), 0, Bins - 1)]++;
        }

        return new NeighbourHistogram(counts, gallery);
    }

    /// <summary>Exact: each query against every row of the gallery but itself.</summary>
    public static NeighbourHistogram Measure(EmbeddingMatrix queries, EmbeddingMatrix gallery, CancellationToken cancellationToken)
    {
        var nearest = NearestSimilarities.Of(queries);
        nearest.Accept(gallery, cancellationToken);
        return Of(nearest.Values(), gallery.Count);
    }

    public JsonObject ToJson() => new()
    {
        ["low"] = Low, ["step"] = Step, ["gallery"] = Gallery, ["counts"] = new JsonArray([.. Counts.Select(c => JsonValue.Create(c))]),
    };

    /// <returns>Null when a report has none, or one of other steps.</returns>
    public static NeighbourHistogram? FromReport(string reportJson)
    {
        using var report = JsonDocument.Parse(reportJson);
        return report.RootElement.ValueKind == JsonValueKind.Object && report.RootElement.TryGetProperty(JsonName, out var histogram)
            && histogram.ValueKind == JsonValueKind.Object && histogram.TryGetProperty("counts", out var counts) && counts.GetArrayLength() == Bins
            ? new NeighbourHistogram([.. counts.EnumerateArray().Select(c => c.GetInt64())], histogram.GetProperty("gallery").GetInt32())
            : null;
    }
}
