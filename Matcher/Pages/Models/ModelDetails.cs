namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>What the page of a model shows beyond its line in the history.</summary>
/// <param name="Listed">That line.</param>
/// <param name="HeadId">Its head.</param>
/// <param name="EmbeddingDim">Length of an embedding.</param>
/// <param name="FeatureDim">Length of a feature.</param>
/// <param name="BackboneSha256">SHA-256 of the backbone's file, hex.</param>
/// <param name="HeadSha256">SHA-256 of the head's file, hex.</param>
/// <param name="ParentModelId">The model it was made from.</param>
/// <param name="DurationSeconds">How long its run took.</param>
/// <param name="HasReportPage">Whether its run wrote a page.</param>
/// <param name="HasGroups">Whether its groups are kept.</param>
/// <param name="IsReady">Whether its embeddings are kept: activating it only catches up.</param>
/// <param name="ReportJson">What was measured, a JSON object.</param>
/// <param name="Handover">How its groups differed when they were last compared, or null.</param>
public sealed record ModelDetails(
    ListedModel Listed, long HeadId, int EmbeddingDim, int FeatureDim, string BackboneSha256, string HeadSha256, long? ParentModelId,
    double? DurationSeconds, bool HasReportPage, bool HasGroups, bool IsReady, string ReportJson, HandoverDifference? Handover);
