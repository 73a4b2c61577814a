namespace CpfPipeline.Embedder.Embedding;

/// <summary>Whether a caller waits for a picture's feature.</summary>
internal enum Urgency
{
    /// <summary>A picture that has just arrived.</summary>
    Arrival,

    /// <summary>One of a catalogue that is embedded under another backbone, or one that failed before.</summary>
    Backfill,
}
