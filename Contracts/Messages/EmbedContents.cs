using System.Text.Json.Serialization;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Contracts;

/// <summary>Command (backfill): embed these contents under every model that is active or shadow. Has a queue of its own.</summary>
/// <remarks>A content that has all its embeddings is passed over, so repeats and late ones cost a look.</remarks>
public sealed record EmbedContents
{
    /// <summary>At most 1,000 contents.</summary>
    [JsonNumberHandling(JsonIds.AsText)]
    public required IReadOnlyList<long> ContentIds { get; init; }
}
