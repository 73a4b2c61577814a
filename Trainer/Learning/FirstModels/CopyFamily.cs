namespace CpfPipeline.Learning.FirstModels;

/// <summary>Features of a picture and of its edited copies.</summary>
/// <param name="Picture">The picture.</param>
/// <param name="Original">F values.</param>
/// <param name="Copies">F values each.</param>
internal sealed record CopyFamily(CopyPicture Picture, float[] Original, IReadOnlyList<float[]> Copies);
