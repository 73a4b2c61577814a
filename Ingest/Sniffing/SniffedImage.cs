namespace CpfPipeline.Ingest.Sniffing;

/// <summary>What an image's header says.</summary>
/// <param name="Format">jpeg, png, webp, gif, tiff or avif.</param>
/// <param name="Width">Pixels, before EXIF rotation.</param>
/// <param name="Height">Pixels, before EXIF rotation.</param>
/// <param name="Frames">Frames or pages as far as the header tells, at least 1.</param>
internal sealed record SniffedImage(string Format, int Width, int Height, int Frames);
