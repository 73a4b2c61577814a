using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace CpfPipeline.Data.Objects;

/// <summary>A bucket of a store that speaks S3. All keys are without the prefix of the settings.</summary>
public sealed class ObjectStore : IDisposable
{
    private const string DefaultRegion = "us-east-1";
    private const int ChanceSteps = 1 << 20;

    // So long after it was written an object counts as written now: copying it onto itself for each of a thousand listings that show it
    // would be refused as too much for one key.
    private static readonly TimeSpan TouchLag = TimeSpan.FromMinutes(5);

    private readonly SdkConnections _connections;
    private readonly AmazonS3Client _client;
    private readonly ObjectCalls _calls;
    private readonly ObjectWriter _writer;
    private readonly ObjectRemover _remover;

    /// <param name="options">Valid settings.</param>
    /// <param name="time">The clock.</param>
    public ObjectStore(ObjectStoreOptions options, TimeProvider time)
    {
        Options = options;
        _connections = new SdkConnections(new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.None, ConnectTimeout = options.Timeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5), // Names are looked up again: such stores move between addresses.
        });
        _client = new AmazonS3Client(Configure(options, _connections));
        _calls = new ObjectCalls(_client, options, time, () => RandomNumberGenerator.GetInt32(ChanceSteps) / (double)ChanceSteps);
        _writer = new ObjectWriter(_calls);
        _remover = new ObjectRemover(_calls, this);
    }

    /// <summary>The settings.</summary>
    public ObjectStoreOptions Options { get; }

    /// <summary>The bucket and where it is, for people.</summary>
    public string Place => Options.Place;

    /// <summary>Writes an object, whole or not at all. The store compares the bytes with the hash that is sent with them.</summary>
    /// <exception cref="ObjectStoreException">The store is away, full, or refuses.</exception>
    public Task WriteAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        _writer.WriteAsync(Whole(key), bytes, cancellationToken);

    /// <summary>Has an object count as written now, give or take five minutes.</summary>
    /// <param name="there">As <see cref="HeadAsync"/> has just found it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>False when it is gone.</returns>
    /// <exception cref="ObjectStoreException">The store is away, full, or refuses.</exception>
    public async Task<bool> TryTouchAsync(StoredObject there, CancellationToken cancellationToken)
    {
        if (_calls.Time.GetUtcNow() - there.WrittenAt < TouchLag)
        {
            return true;
        }

        if (!await _writer.CopyAsync(Whole(there.Key), Whole(there.Key), cancellationToken))
        {
            return false;
        }

        // In a bucket with versions the copy is a new one. The former would stay for ever.
        await _remover.RemoveVersionAsync(there, cancellationToken);
        return true;
    }

    /// <summary>What is there under a key.</summary>
    /// <returns>Null when nothing is.</returns>
    /// <exception cref="ObjectStoreException">The store is away, or refuses.</exception>
    public async Task<StoredObject?> HeadAsync(string key, CancellationToken cancellationToken)
    {
        var there = await _calls.TryAsync(
            (client, token) => client.GetObjectMetadataAsync(
                new GetObjectMetadataRequest { BucketName = Options.Bucket, Key = Whole(key) }, token), cancellationToken);
        return there is null ? null : new StoredObject(key, Time(there.LastModified), there.ContentLength) { VersionId = there.VersionId };
    }

    /// <summary>Opens an object to be read from its beginning.</summary>
    /// <returns>Null when it is not there.</returns>
    /// <exception cref="ObjectStoreException">The store is away, or refuses.</exception>
    public async Task<Stream?> OpenAsync(string key, CancellationToken cancellationToken) =>
        await ObjectStream.OpenAsync(_calls, Whole(key), cancellationToken);

    /// <summary>Renames an object. It is there under both names for a moment.</summary>
    /// <returns>False when it is not there.</returns>
    /// <exception cref="ObjectStoreException">The store is away, full, or refuses.</exception>
    public async Task<bool> MoveAsync(string from, string to, CancellationToken cancellationToken)
    {
        if (!await _writer.CopyAsync(Whole(from), Whole(to), cancellationToken))
        {
            return false;
        }

        await DeleteAsync(from, key => key == from, DateTimeOffset.MaxValue, cancellationToken);
        return true;
    }

    /// <summary>
    /// Deletes for good what lies under keys: objects, all their versions, the marks of deletions, and unfinished uploads.
    /// </summary>
    /// <param name="prefix">What the keys begin with.</param>
    /// <param name="isMeant">Which of those keys.</param>
    /// <param name="writtenBefore">What was written later stays.</param>
    /// <param name="cancellationToken">Cancels; some may be gone.</param>
    /// <exception cref="ObjectStoreException">The store is away, or refuses.</exception>
    public Task DeleteAsync(
        string prefix, Func<string, bool> isMeant, DateTimeOffset writtenBefore, CancellationToken cancellationToken) =>
        _remover.RemoveAsync(prefix, isMeant, writtenBefore, cancellationToken);

    /// <summary>Deletes one thing that was listed, unless it was written again since.</summary>
    /// <exception cref="ObjectStoreException">The store is away, or refuses.</exception>
    public Task DeleteAsync(StoredObject listed, CancellationToken cancellationToken) =>
        _remover.RemoveAsync(listed, cancellationToken);

    /// <summary>
    /// Whatever lies in the bucket under keys with a prefix, page by page: objects, former versions, marks of deletions, unfinished
    /// uploads.
    /// </summary>
    /// <exception cref="ObjectStoreException">The store is away, or refuses.</exception>
    public async IAsyncEnumerable<StoredObject> ListAllAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var objects = await _remover.IsVersionedAsync(cancellationToken)
            ? ListVersionsAsync(prefix, cancellationToken) : ListAsync(prefix, cancellationToken);
        await foreach (var listed in objects)
        {
            yield return listed;
        }

        await foreach (var upload in ListUploadsAsync(prefix, cancellationToken))
        {
            yield return upload;
        }
    }

    /// <summary>The objects under keys with a prefix, page by page.</summary>
    /// <exception cref="ObjectStoreException">The store is away, or refuses.</exception>
    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = Options.Bucket, Prefix = Whole(prefix) };
        do
        {
            var page = await _calls.CallAsync((client, token) => client.ListObjectsV2Async(request, token), cancellationToken);
            foreach (var listed in page.S3Objects ?? [])
            {
                yield return new StoredObject(Own(listed.Key), Time(listed.LastModified), listed.Size ?? 0);
            }

            request.ContinuationToken = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (request.ContinuationToken is not null);
    }

    /// <summary>Asks for one key, so that a setting or right that is wrong is found out.</summary>
    /// <exception cref="ObjectStoreException">The store is away, or refuses.</exception>
    public Task ProbeAsync(CancellationToken cancellationToken) => _calls.CallAsync(
        (client, token) => client.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = Options.Bucket, Prefix = Options.Prefix, MaxKeys = 1 }, token), cancellationToken);

    /// <summary>Whether the bucket keeps what is deleted or replaced.</summary>
    /// <exception cref="ObjectStoreException">The store is away, or refuses.</exception>
    public Task<bool> IsVersionedAsync(CancellationToken cancellationToken) => _remover.IsVersionedAsync(cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _connections.Dispose();
    }

    internal async IAsyncEnumerable<StoredObject> ListVersionsAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListVersionsRequest { BucketName = Options.Bucket, Prefix = Whole(prefix) };
        while (true)
        {
            var page = await _calls.CallAsync((client, token) => client.ListVersionsAsync(request, token), cancellationToken);
            foreach (var v in page.Versions ?? [])
            {
                yield return new StoredObject(Own(v.Key), Time(v.LastModified), v.Size ?? 0)
                {
                    VersionId = v.VersionId, IsMarker = v.IsDeleteMarker == true, IsHidden = v.IsLatest != true || v.IsDeleteMarker == true,
                };
            }

            if (page.IsTruncated != true)
            {
                yield break;
            }

            (request.KeyMarker, request.VersionIdMarker) = (page.NextKeyMarker, page.NextVersionIdMarker);
        }
    }

    internal async IAsyncEnumerable<StoredObject> ListUploadsAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListMultipartUploadsRequest { BucketName = Options.Bucket, Prefix = Whole(prefix) };
        while (true)
        {
            var page = await _calls.CallAsync((client, token) => client.ListMultipartUploadsAsync(request, token), cancellationToken);
            foreach (var upload in page.MultipartUploads ?? [])
            {
                yield return new StoredObject(Own(upload.Key), Time(upload.Initiated), 0) { UploadId = upload.UploadId, IsHidden = true };
            }

            if (page.IsTruncated != true)
            {
                yield break;
            }

            (request.KeyMarker, request.UploadIdMarker) = (page.NextKeyMarker, page.NextUploadIdMarker);
        }
    }

    internal string Whole(string key) => Options.Prefix + key;

    private static AmazonS3Config Configure(ObjectStoreOptions options, SdkConnections connections)
    {
        var config = new AmazonS3Config
        {
            HttpClientFactory = connections,
            MaxErrorRetry = 0, // We try again ourselves: the SDK does not tell an outage from a fault.
            IgnoreConfiguredEndpointUrls = true, // Only our own setting may send requests elsewhere.

            // Every request carries the SHA-256 of its body. Stores other than AWS do not know the checksums that come on top.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        config.ForcePathStyle = options.PathStyle ?? options.Endpoint.Length > 0;
        if (options.Endpoint.Length > 0)
        {
            config.ServiceURL = options.Endpoint;
            config.AuthenticationRegion = options.Region.Length > 0 ? options.Region : DefaultRegion;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        }

        return config;
    }

    private string Own(string key) => key[Options.Prefix.Length..];

    private static DateTimeOffset Time(DateTime? at) =>
        at is { } time ? new DateTimeOffset(time.ToUniversalTime()) : DateTimeOffset.MinValue;
}
