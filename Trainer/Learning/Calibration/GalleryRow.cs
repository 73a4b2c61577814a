namespace CpfPipeline.Learning.Calibration;

/// <summary>One embedded picture of a calibration.</summary>
/// <param name="Picture">Which picture this is, or is a copy of.</param>
/// <param name="IsCopy">False for the picture itself.</param>
/// <param name="Label">Product key; pictures of one label are neither right nor wrong to link. Null: of no label.</param>
/// <param name="IsQuery">Takes part in the count of links; others are only there to be found wrongly.</param>
/// <param name="Embedding">Unit length.</param>
internal sealed record GalleryRow(int Picture, bool IsCopy, string? Label, bool IsQuery, float[] Embedding);
