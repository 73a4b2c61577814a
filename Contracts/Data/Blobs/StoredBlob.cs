namespace CpfPipeline.Data.Blobs;

/// <summary>A blob that lies in the store, whole or as what an interrupted write left of it.</summary>
/// <param name="Sha256">SHA-256 under which it is stored.</param>
/// <param name="WrittenAt">When it was last written.</param>
public sealed record StoredBlob(byte[] Sha256, DateTimeOffset WrittenAt);
