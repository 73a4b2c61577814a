namespace CpfPipeline.Ingest.Erasures;

/// <summary>
/// The tombstone key is unreadable, or not the one that the database's tombstones were made with: what was erased could come back
/// unnoticed.
/// </summary>
/// <param name="message">What to do.</param>
internal sealed class TombstoneKeyException(string message) : Exception(message);
