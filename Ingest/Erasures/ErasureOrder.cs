using CpfPipeline.Data.Access;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>Who asks for an erasure, and why.</summary>
/// <param name="Who">Who asks.</param>
/// <param name="Note">Why, or null.</param>
/// <param name="RequestedAt">When it was asked for first, of one that is repeated; null: now.</param>
/// <param name="ErasureId">Its number then, which it keeps where that is free; null: the next one.</param>
internal sealed record ErasureOrder(string Who, string? Note, DateTimeOffset? RequestedAt = null, long? ErasureId = null)
{
    /// <summary>Who sent the request, for the audit; null: it is repeated after a restore.</summary>
    public Actor? By { get; init; }
}
