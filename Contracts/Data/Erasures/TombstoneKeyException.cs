namespace CpfPipeline.Data.Erasures;

/// <summary>
/// The tombstone key is unreadable, or it is not the one that made the database's tombstones. Erased pictures could come back unnoticed.
/// </summary>
/// <param name="message">What to do.</param>
public sealed class TombstoneKeyException(string message) : Exception(message);
