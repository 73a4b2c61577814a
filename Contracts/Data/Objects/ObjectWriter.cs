using System.Runtime.InteropServices;
using Amazon.S3;
using Amazon.S3.Model;

namespace CpfPipeline.Data.Objects;

/// <summary>
/// Writes objects, large ones in parts: what breaks off is sent again from its part, and an object is there as a whole or not at all.
/// </summary>
/// <param name="calls">The store.</param>
internal sealed class ObjectWriter(ObjectCalls calls)
{
    // Deleting an object also ends its unfinished uploads: then it is sent anew.
    private const int MaxUploads = 5;

    private readonly string _bucket = calls.Options.Bucket;
    private readonly int _partBytes = calls.Options.PartBytes;

    public async Task WriteAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (bytes.Length <= _partBytes)
        {
            await calls.CallAsync((client, token) => client.PutObjectAsync(Put(key, bytes), token), cancellationToken);
            return;
        }

        for (var uploads = 1; !await TryUploadAsync(key, bytes, cancellationToken); uploads++)
        {
            if (uploads == MaxUploads)
            {
                throw new IOException($"An upload to {calls.Options.Place} was ended by others each time.");
            }
        }
    }

    /// <summary>Copies an object within the store, also onto itself.</summary>
    /// <returns>False when it is not there.</returns>
    public async Task<bool> CopyAsync(string from, string to, CancellationToken cancellationToken)
    {
        var request = new CopyObjectRequest
        {
            SourceBucket = _bucket, SourceKey = from, DestinationBucket = _bucket, DestinationKey = to,
            MetadataDirective = S3MetadataDirective.REPLACE, // A copy onto itself must change something, and there is no metadata to lose.
            ServerSideEncryptionMethod = Encryption, ServerSideEncryptionKeyManagementServiceKeyId = KmsKey,
        };
        return await calls.TryAsync((client, token) => client.CopyObjectAsync(request, token), cancellationToken) is not null;
    }

    private ServerSideEncryptionMethod? Encryption =>
        calls.Options.Encryption is { Length: > 0 } named ? new ServerSideEncryptionMethod(named) : null;

    private string? KmsKey => calls.Options.KmsKey is { Length: > 0 } key ? key : null;

    private async Task<bool> TryUploadAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var begun = await calls.CallAsync(
            (client, token) => client.InitiateMultipartUploadAsync(
                new InitiateMultipartUploadRequest
                {
                    BucketName = _bucket, Key = key, ServerSideEncryptionMethod = Encryption,
                    ServerSideEncryptionKeyManagementServiceKeyId = KmsKey,
                }, token), cancellationToken);
        try
        {
            return await TryUploadAsync(key, begun.UploadId, bytes, cancellationToken);
        }
        catch
        {
            await calls.ForgetAsync((client, token) => client.AbortMultipartUploadAsync(
                new AbortMultipartUploadRequest { BucketName = _bucket, Key = key, UploadId = begun.UploadId }, token));
            throw;
        }
    }

    private async Task<bool> TryUploadAsync(string key, string uploadId, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var parts = new List<PartETag>();
        for (var offset = 0; offset < bytes.Length; offset += _partBytes)
        {
            var (part, number) = (bytes.Slice(offset, Math.Min(_partBytes, bytes.Length - offset)), parts.Count + 1);
            if (await calls.TryAsync(
                (client, token) => client.UploadPartAsync(Part(key, uploadId, number, part), token), cancellationToken) is not { } taken)
            {
                return false;
            }

            parts.Add(new PartETag(number, taken.ETag));
        }

        var complete = new CompleteMultipartUploadRequest { BucketName = _bucket, Key = key, UploadId = uploadId, PartETags = parts };
        if (await calls.TryAsync((client, token) => client.CompleteMultipartUploadAsync(complete, token), cancellationToken) is not null)
        {
            return true;
        }

        // The answer to an earlier try may have been lost: then there is no upload any more, and the object is there.
        var there = await calls.TryAsync(
            (client, token) => client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = _bucket, Key = key }, token),
            cancellationToken);
        return there?.ContentLength == bytes.Length;
    }

    // Signed as a whole, so that the store compares it with its hash: bodies in signed chunks are not taken everywhere.
    private PutObjectRequest Put(string key, ReadOnlyMemory<byte> bytes) => new()
    {
        BucketName = _bucket, Key = key, InputStream = Body(bytes), UseChunkEncoding = false, DisablePayloadSigning = false,
        ServerSideEncryptionMethod = Encryption, ServerSideEncryptionKeyManagementServiceKeyId = KmsKey,
    };

    private UploadPartRequest Part(string key, string uploadId, int number, ReadOnlyMemory<byte> bytes) => new()
    {
        BucketName = _bucket, Key = key, UploadId = uploadId, PartNumber = number, PartSize = bytes.Length, InputStream = Body(bytes),
        UseChunkEncoding = false, DisablePayloadSigning = false,
    };

    private static MemoryStream Body(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false);
}
