using System.Text.Json.Nodes;
using CpfPipeline.Nights.Candidates;

namespace CpfPipeline.Nights.Runs;

/// <summary>
/// What is needed to register a candidate, kept with its run before the model is registered: after a crash the same candidate is
/// registered, or found, and not built again.
/// </summary>
/// <param name="HeadSha256">SHA-256 of the head's file, which is stored.</param>
/// <param name="EmbeddingDim">Values of an embedding.</param>
/// <param name="Threshold">tau.</param>
/// <param name="Passed">Whether the gate let it through.</param>
/// <param name="Reason">The gate's word in a sentence.</param>
public sealed record KeptCandidate(byte[] HeadSha256, int EmbeddingDim, double Threshold, bool Passed, string Reason)
{
    /// <summary>Of a candidate that was built.</summary>
    public static KeptCandidate Of(CandidateOutcome.Made made) =>
        new(made.HeadSha256, made.EmbeddingDim, made.Threshold, made.Passed, made.Reason);

    /// <summary>The report with this and the run's id in it, for who reads it. Nothing here reads that again.</summary>
    public string Into(string reportJson, Guid runId)
    {
        var report = JsonNode.Parse(reportJson) as JsonObject ?? throw new FormatException("A report is a JSON object.");
        report["run_id"] = runId.ToString();
        report["candidate"] = new JsonObject
        {
            ["head_sha256"] = Convert.ToHexStringLower(HeadSha256),
            ["embedding_dim"] = EmbeddingDim,
            ["threshold"] = Threshold,
            ["passed"] = Passed,
            ["reason"] = Reason,
        };
        return report.ToJsonString();
    }
}
