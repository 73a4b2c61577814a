using System.Text.Json.Serialization;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Contracts;

/// <summary>Command (backfill): embed these contents under every model that is active or shadow. Has a queue of its own.</summary>
public sealed record EmbedContents
{
    /// <summary>At most 1,000 contents.</summary>
    [JsonNumberHandling(JsonIds.AsText)]
    public required IReadOnlyList<long> ContentIds { get; init; }
}
