using System.Runtime.InteropServices;
using System.Text.Json;

namespace CpfPipeline.Data.Probes;

/// <summary>What became of a probe: its embedding, or why it was refused.</summary>
public sealed record ProbeAnswer
{
    /// <summary>Reason code of the refusal; null when it was embedded.</summary>
    public string? Reason { get; init; }

    /// <summary>What was wrong, for a person.</summary>
    public string? Detail { get; init; }

    /// <summary>Whether a later attempt may succeed: the fault is that of a host, and not of the picture.</summary>
    public bool MayRecover { get; init; }

    /// <summary>The pause that a host asks for; null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>SHA-256 of its bytes; null when refused.</summary>
    public byte[]? Sha256 { get; init; }

    /// <summary>The head that embedded it.</summary>
    public long HeadId { get; init; }

    /// <summary>The embedding, two bytes a half, little-endian.</summary>
    public byte[] EmbeddingBytes { get; init; } = [];

    /// <summary>Whether it is of one colour: such a picture is never matched.</summary>
    public bool IsBlank { get; init; }

    /// <summary>A small WebP of it.</summary>
    public byte[] Thumbnail { get; init; } = [];

    /// <summary>A refusal.</summary>
    public static ProbeAnswer Refuse(string reason, string? detail) => new() { Reason = reason, Detail = detail };

    /// <summary>The embedding as halves <c>[D]</c>.</summary>
    public Half[] Embedding() => MemoryMarshal.Cast<byte, Half>(EmbeddingBytes).ToArray();

    /// <summary>Halves as <see cref="EmbeddingBytes"/>.</summary>
    public static byte[] BytesOf(ReadOnlySpan<Half> embedding) => MemoryMarshal.AsBytes(embedding).ToArray();

    /// <summary>As it lies in the store.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <summary>From what lies in the store.</summary>
    /// <exception cref="JsonException">It is no answer.</exception>
    public static ProbeAnswer FromJson(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize<ProbeAnswer>(json) ?? throw new JsonException("The answer is empty.");
}
