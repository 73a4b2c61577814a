using System.Text.Json;
using System.Text.Json.Nodes;
using CpfPipeline.Nights.Candidates;

namespace CpfPipeline.Nights.Driver;

/// <summary>
/// What is needed to register a candidate, kept inside its report, together with the run: written before the model is registered, so that after a crash the same candidate is
/// registered, or found, and not made again.
/// </summary>
internal sealed record KeptCandidate(string HeadSha256, int EmbeddingDim, double Threshold, bool Passed, string Reason)
{
    private const string Name = "candidate";
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static KeptCandidate Of(CandidateOutcome.Made made) =>
        new(Convert.ToHexStringLower(made.HeadSha256), made.EmbeddingDim, made.Threshold, made.Passed, made.Reason);

    /// <summary>What a report holds of it; null when there is no report, or one without.</summary>
    public static KeptCandidate? From(string? reportJson) =>
        reportJson is null ? null : JsonNode.Parse(reportJson)?[Name]?.Deserialize<KeptCandidate>(Json);

    /// <summary>The report with this and the run's id in it.</summary>
    public string Into(string reportJson, Guid runId)
    {
        var report = JsonNode.Parse(reportJson) as JsonObject ?? throw new FormatException("A report is a JSON object.");
        report["run_id"] = runId.ToString();
        report[Name] = JsonSerializer.SerializeToNode(this, Json);
        return report.ToJsonString();
    }
}
