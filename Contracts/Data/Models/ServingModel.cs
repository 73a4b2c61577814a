namespace CpfPipeline.Data.Models;

/// <summary>A model with what is needed to load and apply it. Usually one that serves (active or shadow).</summary>
/// <param name="ModelId">Handle.</param>
/// <param name="HeadId">Head.</param>
/// <param name="BackboneId">Backbone.</param>
/// <param name="Threshold">tau, a similarity.</param>
/// <param name="State"><c>active</c> or <c>shadow</c>; another state only where it was looked up by id.</param>
/// <param name="FeatureDim">Length of a feature.</param>
/// <param name="EmbeddingDim">Length of an embedding.</param>
/// <param name="BackboneSha256">Blob key of the backbone's ONNX file.</param>
/// <param name="HeadSha256">Blob key of the head's ONNX file.</param>
public sealed record ServingModel(
    long ModelId, long HeadId, long BackboneId, double Threshold, string State, int FeatureDim, int EmbeddingDim,
    byte[] BackboneSha256, byte[] HeadSha256);
