namespace CpfPipeline.Data.Blobs;

/// <summary>A file that lies in the store: a blob, a rendition of it, or what an interrupted write left.</summary>
/// <param name="Sha256">SHA-256 of the blob.</param>
/// <param name="WrittenAt">When it was last written.</param>
public sealed record StoredBlob(byte[] Sha256, DateTimeOffset WrittenAt);
