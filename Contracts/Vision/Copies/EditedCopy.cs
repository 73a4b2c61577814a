namespace CpfPipeline.Vision.Copies;

/// <summary>An edited copy of a picture.</summary>
/// <param name="Edit">What was done.</param>
/// <param name="Name">The edit as it goes into file names, such as <c>crop</c> or <c>watermark-recompress</c>.</param>
/// <param name="Jpeg">The copy, a JPEG file.</param>
public sealed record EditedCopy(CopyEdit Edit, string Name, byte[] Jpeg);
