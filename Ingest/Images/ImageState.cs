namespace CpfPipeline.Ingest.Images;

/// <summary>Where an image stands; the order is the rank at equal revision (see <see cref="RevisionRule"/>).</summary>
internal enum ImageState
{
    /// <summary>Known, bytes not fetched yet: nothing is known about the outcome.</summary>
    Received = 0,

    /// <summary>Unusable, for a reason.</summary>
    Rejected = 1,

    /// <summary>Live: refers to a content.</summary>
    Stored = 2,

    /// <summary>No longer listed.</summary>
    Retracted = 3,
}
