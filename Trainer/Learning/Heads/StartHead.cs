using CpfPipeline.Vision.Models;

namespace CpfPipeline.Learning.Heads;

/// <summary>
/// The head of the first model on a backbone, with its threshold: what served before anything was learned of the catalogue.
/// </summary>
/// <param name="Head">The file.</param>
/// <param name="Threshold">tau, a similarity.</param>
public sealed record StartHead(HeadFile Head, double Threshold);
