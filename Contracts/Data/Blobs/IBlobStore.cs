namespace CpfPipeline.Data.Blobs;

/// <summary>Bytes by SHA-256. Writing the same bytes twice is writing them once.</summary>
public interface IBlobStore
{
    /// <summary>
    /// Stores bytes durably: once this returns they survive a power cut, and count as written now even if they were there before.
    /// </summary>
    /// <param name="sha256">SHA-256 of the bytes (32 bytes), trusted.</param>
    /// <param name="bytes">The bytes.</param>
    /// <param name="cancellationToken">Cancels; nothing half-written remains visible.</param>
    Task WriteAsync(ReadOnlyMemory<byte> sha256, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Reads the whole blob.</summary>
    /// <exception cref="BlobMissingException">There is no such blob.</exception>
    Task<byte[]> ReadAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken);

    /// <summary>Whether the blob is there.</summary>
    Task<bool> ExistsAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken);

    /// <summary>Deletes the blob, and what an interrupted write left of it; does nothing when there is none.</summary>
    Task DeleteAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken);

    /// <summary>Deletes the blob and its unfinished writes as far as they were last written before a given time.</summary>
    Task DeleteOlderAsync(ReadOnlyMemory<byte> sha256, DateTimeOffset writtenBefore, CancellationToken cancellationToken);

    /// <summary>
    /// All blobs, in no particular order. One may come twice. A blob that is written or deleted during the listing may be listed or not.
    /// </summary>
    /// <param name="firstByte">The first byte of their SHA-256.</param>
    IEnumerable<StoredBlob> List(byte firstByte);
}
