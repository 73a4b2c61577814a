using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using CpfPipeline.Data.Objects;

namespace CpfPipeline.Data.Blobs;

/// <summary>
/// Blobs as objects of a bucket, under the names that they have in a folder. A blob that is read is compared with its hash. Exceptions name
/// the bucket, never a blob.
/// </summary>
/// <param name="objects">The bucket.</param>
public sealed class BucketBlobStore(ObjectStore objects) : IBlobStore
{
    private const string DamagedEnding = ".damaged";

    /// <inheritdoc/>
    /// <exception cref="ObjectStoreException">The store is away, full, or refuses.</exception>
    public Task<bool> WriteAsync(ReadOnlyMemory<byte> sha256, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        WriteAsync(BlobName.Of(sha256.Span), bytes, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ObjectStoreException">The store is away, full, or refuses.</exception>
    public Task WriteRenditionAsync(
        ReadOnlyMemory<byte> sha256, string rendition, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        WriteAsync(BlobName.Of(sha256.Span, rendition), bytes, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ObjectStoreException">The store is away, or refuses.</exception>
    /// <exception cref="IOException">The bytes are not those of the hash.</exception>
    public async Task<byte[]> ReadAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken)
    {
        await using var stream = await objects.OpenAsync(BlobName.Of(sha256.Span), cancellationToken)
            ?? throw Missing();
        var bytes = new byte[stream.Length];
        try
        {
            await stream.ReadExactlyAsync(bytes, cancellationToken);
        }
        catch (FileNotFoundException)
        {
            throw Missing(); // Deleted while it was read.
        }

        return SHA256.HashData(bytes).AsSpan().SequenceEqual(sha256.Span)
            ? bytes : throw new IOException($"A blob in {objects.Place} is damaged: its bytes are not those of its name.");
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectStoreException">The store is away, or refuses.</exception>
    public Task<Stream?> OpenAsync(ReadOnlyMemory<byte> sha256, string? rendition, CancellationToken cancellationToken) =>
        objects.OpenAsync(BlobName.Of(sha256.Span, rendition), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ObjectStoreException">The store is away, or refuses.</exception>
    public async Task<bool> ExistsAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken) =>
        await objects.HeadAsync(BlobName.Of(sha256.Span), cancellationToken) is not null;

    /// <inheritdoc/>
    /// <exception cref="ObjectStoreException">The store is away, or refuses.</exception>
    public Task DeleteAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken) =>
        DeleteOlderAsync(sha256, DateTimeOffset.MaxValue, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ObjectStoreException">The store is away, or refuses.</exception>
    public Task DeleteOlderAsync(ReadOnlyMemory<byte> sha256, DateTimeOffset writtenBefore, CancellationToken cancellationToken)
    {
        var name = BlobName.Of(sha256.Span);
        return objects.DeleteAsync(name, key => key.Length == name.Length || key[name.Length] == '.', writtenBefore, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectStoreException">The store is away, or refuses.</exception>
    public Task DeleteAsync(StoredBlob listed, CancellationToken cancellationToken) =>
        objects.DeleteAsync(listed.Listed!, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ObjectStoreException">The store is away, full, or refuses.</exception>
    public Task SetAsideAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken) =>
        objects.MoveAsync(BlobName.Of(sha256.Span), BlobName.Of(sha256.Span) + DamagedEnding, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ObjectStoreException">The store is away, or refuses.</exception>
    public async IAsyncEnumerable<StoredBlob> ListAsync(byte firstByte, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var listed in objects.ListAllAsync(Convert.ToHexStringLower([firstByte]) + "/", cancellationToken))
        {
            if (BlobName.TryParse(listed.Key, out var sha256, out var suffix))
            {
                yield return new StoredBlob(sha256, suffix, listed.WrittenAt, listed.Bytes) { Listed = listed };
            }
        }
    }

    private async Task<bool> WriteAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var there = await objects.HeadAsync(key, cancellationToken);
        var isDamaged = there is not null && there.Bytes != bytes.Length;
        if (there is null || isDamaged || !await objects.TryTouchAsync(there, cancellationToken))
        {
            await objects.WriteAsync(key, bytes, cancellationToken);
        }

        return isDamaged;
    }

    private BlobMissingException Missing() => new($"The blob is not in {objects.Place}: is this the bucket that Ingest writes to?");
}
