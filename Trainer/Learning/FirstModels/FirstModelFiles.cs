using CpfPipeline.Vision.Models;

namespace CpfPipeline.Learning.FirstModels;

/// <summary>Everything the first model is made of.</summary>
/// <param name="Backbone">Pixels to feature.</param>
/// <param name="Head">Feature to embedding.</param>
/// <param name="Threshold">tau, a similarity.</param>
/// <param name="ReportJson">A JSON object: how the threshold was measured and what it reached.</param>
public sealed record FirstModelFiles(BackboneFile Backbone, HeadFile Head, double Threshold, string ReportJson);
