using System.Text.Json.Serialization;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Contracts;

/// <summary>Event: these contents have embeddings under the head (now or since before).</summary>
/// <remarks>
/// A repeat changes nothing. Contents of a head that is not the active one are passed over; they come into groups when it is. One that was
/// lost is found by the Matcher's repair.
/// </remarks>
public sealed record ContentsEmbedded
{
    /// <summary>The head whose embeddings are stored.</summary>
    [JsonNumberHandling(JsonIds.AsText)]
    public required long HeadId { get; init; }

    /// <summary>At most 1,000 contents.</summary>
    [JsonNumberHandling(JsonIds.AsText)]
    public required IReadOnlyList<long> ContentIds { get; init; }
}
