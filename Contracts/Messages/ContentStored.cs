using System.Text.Json.Serialization;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Contracts;

/// <summary>
/// Event: the bytes of a content are in the blob store and a live image refers to it. Published again whenever another image
/// comes to refer to the content or its product key changes.
/// </summary>
/// <remarks>
/// A content that has all its embeddings is passed over, so a repeat costs a look. One that comes late finds what the database says by
/// then. One that was lost is found by a look for contents without embeddings.
/// </remarks>
public sealed record ContentStored
{
    /// <summary>First 63 bits of the SHA-256 of the bytes.</summary>
    [JsonNumberHandling(JsonIds.AsText)]
    public required long ContentId { get; init; }
}
