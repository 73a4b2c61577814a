namespace CpfPipeline.Data.Models;

/// <summary>A model to register. Its files are in the blob store already.</summary>
/// <param name="BackboneSha256">SHA-256 of the backbone's ONNX file.</param>
/// <param name="FeatureDim">Length of a feature.</param>
/// <param name="InputSpecJson">Input size, resize rule, mean, std, as JSON.</param>
/// <param name="HeadSha256">SHA-256 of the head's ONNX file.</param>
/// <param name="EmbeddingDim">Length of an embedding.</param>
/// <param name="Threshold">tau, a similarity.</param>
/// <param name="ReportJson">What was measured, as JSON.</param>
public sealed record NewModel(
    byte[] BackboneSha256, int FeatureDim, string InputSpecJson, byte[] HeadSha256, int EmbeddingDim, double Threshold, string ReportJson)
{
    /// <summary>Whether it was made elsewhere and brought in as files.</summary>
    public bool IsImported { get; init; }
}
