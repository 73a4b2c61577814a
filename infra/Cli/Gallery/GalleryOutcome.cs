namespace CpfPipeline.Cli.Gallery;

/// <summary>What was written.</summary>
/// <param name="Head">What the gallery is about.</param>
/// <param name="Groups">Groups in it.</param>
/// <param name="Pictures">Pictures in it.</param>
/// <param name="Missing">Places in it where a picture could not be had.</param>
/// <param name="Bytes">Size of the file.</param>
internal sealed record GalleryOutcome(GalleryHead Head, int Groups, int Pictures, int Missing, long Bytes);
