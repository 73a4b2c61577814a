namespace CpfPipeline.Cli.Gallery;

/// <summary>A group in the gallery.</summary>
/// <param name="GroupId">Its id.</param>
/// <param name="Size">Pictures in it.</param>
/// <param name="WeakestMerge">Lowest mean similarity at which two parts of it were merged.</param>
/// <param name="Keys">
/// Product keys of its listings in order, one more than <see cref="GalleryReader.MaxKeys"/> at most. Of a large group only some listings
/// are looked at.
/// </param>
/// <param name="Pictures">The medoid, then others, most similar to it first; at most <see cref="GalleryReader.MaxPictures"/>.</param>
internal sealed record GalleryGroup(
    long GroupId, int Size, double WeakestMerge, IReadOnlyList<string> Keys, IReadOnlyList<GalleryPicture> Pictures);
