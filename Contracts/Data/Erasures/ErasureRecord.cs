using System.Text.Json.Serialization;

namespace CpfPipeline.Data.Erasures;

/// <summary>
/// What is kept of an erasure outside of the database, so that one that came after a backup is repeated when that backup is restored. Names
/// nothing that was erased.
/// </summary>
public sealed record ErasureRecord
{
    /// <summary>Its number in the database that made it.</summary>
    [JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)]
    public required long ErasureId { get; init; }

    /// <summary><c>image</c> or <c>content</c>.</summary>
    public required string Scope { get; init; }

    /// <summary>Keyed hash of what was erased, 32 bytes as lower-case hex.</summary>
    public required string Tombstone { get; init; }

    /// <summary>Tells whether a key is the one that the tombstone was made with; as in <c>cpf.tombstone_key</c>, lower-case hex.</summary>
    public required string KeyCheck { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Who asked.</summary>
    public required string Who { get; init; }

    /// <summary>Why, or null.</summary>
    public string? Note { get; init; }

    /// <summary>The receipt as canonical JSON, once it was finished; null before.</summary>
    public string? Receipt { get; init; }
}
