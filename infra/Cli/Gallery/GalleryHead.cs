namespace CpfPipeline.Cli.Gallery;

/// <summary>What a gallery is about.</summary>
/// <param name="ModelId">The active model.</param>
/// <param name="HeadId">Its head, under which contents are embedded.</param>
/// <param name="Threshold">Its threshold.</param>
/// <param name="Groups">Groups of two pictures or more that there are.</param>
/// <param name="Pictures">Pictures in them.</param>
internal sealed record GalleryHead(long ModelId, long HeadId, double Threshold, long Groups, long Pictures);
