using CpfPipeline.Vocabulary;

namespace CpfPipeline.Data.Blobs;

/// <summary>
/// Bytes by SHA-256, and beside them the renditions that are derived from them. Writing the same bytes twice is writing them once.
/// Whatever removes a blob removes its renditions.
/// </summary>
public interface IBlobStore
{
    /// <summary>
    /// Stores bytes durably: once this returns they survive a power cut, and count as written now, give or take five minutes, even if they
    /// were there before.
    /// </summary>
    /// <param name="sha256">SHA-256 of the bytes (32 bytes), trusted.</param>
    /// <param name="bytes">The bytes.</param>
    /// <param name="cancellationToken">Cancels; nothing half-written remains visible.</param>
    /// <returns>Whether damaged bytes lay there, of another length. They were replaced.</returns>
    Task<bool> WriteAsync(ReadOnlyMemory<byte> sha256, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Reads the whole blob, and compares it with its hash.</summary>
    /// <exception cref="BlobMissingException">There is no such blob.</exception>
    /// <exception cref="IOException">Its bytes are damaged.</exception>
    Task<byte[]> ReadAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken);

    /// <summary>Opens a blob, or one of its renditions, to be read from its beginning.</summary>
    /// <param name="sha256">SHA-256 of the blob.</param>
    /// <param name="rendition">One of <see cref="Rendition"/>; null for the blob itself.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Null when it is not there.</returns>
    Task<Stream?> OpenAsync(ReadOnlyMemory<byte> sha256, string? rendition, CancellationToken cancellationToken);

    /// <summary>
    /// Stores a rendition of a blob as <see cref="WriteAsync"/> stores a blob. The caller holds the content's row, so that it cannot be
    /// erased or collected meanwhile: nobody would find the file afterwards.
    /// </summary>
    /// <param name="sha256">SHA-256 of the blob.</param>
    /// <param name="rendition">One of <see cref="Rendition"/>.</param>
    /// <param name="bytes">The file.</param>
    /// <param name="cancellationToken">Cancels; nothing half-written remains visible.</param>
    Task WriteRenditionAsync(
        ReadOnlyMemory<byte> sha256, string rendition, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Whether the blob is there.</summary>
    Task<bool> ExistsAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes the blob, its renditions, and what an interrupted write left of them; does nothing when there is nothing.
    /// </summary>
    Task DeleteAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes the blob, its renditions and unfinished writes as far as they were last written before a given time.
    /// </summary>
    Task DeleteOlderAsync(ReadOnlyMemory<byte> sha256, DateTimeOffset writtenBefore, CancellationToken cancellationToken);

    /// <summary>Deletes one thing that was listed, unless it was written again since.</summary>
    Task DeleteAsync(StoredBlob listed, CancellationToken cancellationToken);

    /// <summary>
    /// Gives damaged bytes another name, under which they are listed but not read: then the right ones can be written. Does nothing when
    /// there is no such blob.
    /// </summary>
    Task SetAsideAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken);

    /// <summary>
    /// All blobs, in no particular order. One comes again for each of its renditions and unfinished writes, also when it is gone itself.
    /// A blob that is written or deleted during the listing may be listed or not.
    /// </summary>
    /// <param name="firstByte">The first byte of their SHA-256.</param>
    /// <param name="cancellationToken">Cancels.</param>
    IAsyncEnumerable<StoredBlob> ListAsync(byte firstByte, CancellationToken cancellationToken);
}
