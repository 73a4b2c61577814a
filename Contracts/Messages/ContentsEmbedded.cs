using System.Text.Json.Serialization;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Contracts;

/// <summary>Event: these contents have embeddings under the head (now or since before).</summary>
public sealed record ContentsEmbedded
{
    /// <summary>The head whose embeddings are stored.</summary>
    [JsonNumberHandling(JsonIds.AsText)]
    public required long HeadId { get; init; }

    /// <summary>At most 1,000 contents.</summary>
    [JsonNumberHandling(JsonIds.AsText)]
    public required IReadOnlyList<long> ContentIds { get; init; }
}
