using CpfPipeline.Data.Objects;

namespace CpfPipeline.Data.Blobs;

/// <summary>Something that lies in the store: a blob, a rendition of it, or what an interrupted write left.</summary>
/// <param name="Sha256">SHA-256 of the blob.</param>
/// <param name="Suffix">What its name has after the blob's; empty for the blob itself.</param>
/// <param name="WrittenAt">When it was last written.</param>
/// <param name="Bytes">Its length.</param>
public sealed record StoredBlob(byte[] Sha256, string Suffix, DateTimeOffset WrittenAt, long Bytes)
{
    /// <summary>The object, in a bucket; null in a folder.</summary>
    public StoredObject? Listed { get; init; }

    /// <summary>Whether it is the blob, and not something beside it or a former version of it.</summary>
    public bool IsBlob => Suffix.Length == 0 && Listed is not { IsHidden: true };

    /// <summary>Which rendition it is; null when it is none.</summary>
    public string? Rendition => Listed is { IsHidden: true } ? null : BlobName.RenditionOf(Suffix);
}
