namespace CpfPipeline.Cli.Gallery;

/// <summary>Which groups come first.</summary>
internal enum GalleryOrder
{
    /// <summary>Those with the weakest merge: the ones most likely to be wrong.</summary>
    Doubt,

    /// <summary>Those with the most pictures.</summary>
    Size,
}
