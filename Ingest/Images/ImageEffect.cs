namespace CpfPipeline.Ingest.Images;

/// <summary>What a change did to an image's row.</summary>
internal enum ImageEffect
{
    /// <summary>Nothing but perhaps raise its revision: the row said the same already.</summary>
    Unchanged,

    /// <summary>Nothing: the row is newer, or wins at the same revision, or the image was erased.</summary>
    Stale,

    /// <summary>The row is new or different, and has the state of the change.</summary>
    Changed,
}
