using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace CpfPipeline.Data.Objects;

/// <summary>
/// Deletes for good. In a bucket with versions a deletion only hides: there every version is deleted by its id. A bucket without them may
/// get them while we run, and its answers to deletions say so.
/// </summary>
/// <param name="calls">The requests.</param>
/// <param name="store">The bucket.</param>
internal sealed class ObjectRemover(ObjectCalls calls, ObjectStore store)
{
    private const string Off = "Off";
    private static readonly TimeSpan Known = TimeSpan.FromMinutes(1);

    private readonly string _bucket = calls.Options.Bucket;
    private volatile Versioning? _known;

    public async Task RemoveAsync(
        string prefix, Func<string, bool> isMeant, DateTimeOffset writtenBefore, CancellationToken cancellationToken)
    {
        bool Goes(StoredObject listed) => isMeant(listed.Key) && listed.WrittenAt < writtenBefore;

        // Each list is read to its end before anything of it goes: a page may begin after something that was deleted, and not every store
        // finds that place again. Uploads go first: one that is completed meanwhile is an object below.
        foreach (var upload in await store.ListUploadsAsync(prefix, cancellationToken).Where(Goes).ToListAsync(cancellationToken))
        {
            await RemoveAsync(upload, cancellationToken);
        }

        var marks = new HashSet<(string Key, string? VersionId)>();
        if (!await IsVersionedAsync(cancellationToken))
        {
            foreach (var listed in await store.ListAsync(prefix, cancellationToken).Where(Goes).ToListAsync(cancellationToken))
            {
                if (await DeleteAsync(listed.Key, versionId: null, cancellationToken) is { DeleteMarker: "true" } hidden)
                {
                    marks.Add((listed.Key, hidden.VersionId));
                }
            }

            if (marks.Count == 0)
            {
                return;
            }

            _known = new Versioning(true, calls.Time.GetTimestamp());
        }

        await RemoveVersionsAsync(prefix, v => Goes(v) || marks.Contains((v.Key, v.VersionId)), cancellationToken);
    }

    public async Task RemoveAsync(StoredObject listed, CancellationToken cancellationToken)
    {
        if (listed.UploadId is not null)
        {
            await calls.TryAsync(
                (client, token) => client.AbortMultipartUploadAsync(
                    new AbortMultipartUploadRequest { BucketName = _bucket, Key = store.Whole(listed.Key), UploadId = listed.UploadId },
                    token), cancellationToken);
        }
        else if (listed.VersionId is not null)
        {
            await DeleteAsync(listed.Key, listed.VersionId, cancellationToken);
        }
        else
        {
            // Seconds are all that a list and an answer have in common.
            await RemoveAsync(listed.Key, key => key == listed.Key, listed.WrittenAt.AddSeconds(1), cancellationToken);
        }
    }

    /// <summary>Deletes one version of a bucket that has them; does nothing in one without.</summary>
    public async Task RemoveVersionAsync(StoredObject former, CancellationToken cancellationToken)
    {
        if (former.VersionId is { Length: > 0 } version && await IsVersionedAsync(cancellationToken))
        {
            await DeleteAsync(former.Key, version, cancellationToken);
        }
    }

    /// <summary>Whether the bucket keeps former versions, or may have kept some.</summary>
    public async Task<bool> IsVersionedAsync(CancellationToken cancellationToken)
    {
        if (_known is { } known && (known.IsOn || calls.Time.GetElapsedTime(known.At) < Known))
        {
            return known.IsOn;
        }

        var said = await calls.CallAsync(AskAsync, cancellationToken);
        var isVersioned = said.VersioningConfig?.Status?.Value is { Length: > 0 } status && status != Off;
        _known = new Versioning(isVersioned, calls.Time.GetTimestamp());
        return isVersioned;
    }

    // A store that does not know the question keeps no versions.
    private async Task<GetBucketVersioningResponse> AskAsync(IAmazonS3 client, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetBucketVersioningAsync(new GetBucketVersioningRequest { BucketName = _bucket }, cancellationToken);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotImplemented)
        {
            return new GetBucketVersioningResponse();
        }
    }

    private async Task RemoveVersionsAsync(string prefix, Func<StoredObject, bool> isMeant, CancellationToken cancellationToken)
    {
        // The marks go last: without its mark a former version would be the current one again.
        var versions = await store.ListVersionsAsync(prefix, cancellationToken).Where(isMeant).ToListAsync(cancellationToken);
        foreach (var version in versions.OrderBy(v => v.IsMarker))
        {
            await DeleteAsync(version.Key, version.VersionId, cancellationToken);
        }
    }

    private Task<DeleteObjectResponse?> DeleteAsync(string key, string? versionId, CancellationToken cancellationToken) => calls.TryAsync(
        (client, token) => client.DeleteObjectAsync(
            new DeleteObjectRequest { BucketName = _bucket, Key = store.Whole(key), VersionId = versionId }, token), cancellationToken);

    private sealed record Versioning(bool IsOn, long At);
}
