namespace CpfPipeline.Data.Objects;

/// <summary>Finds out at a service's start whether the bucket is there, and whether the service may do with it what it will.</summary>
public static class ObjectStoreCheck
{
    private const string Folder = "check/";

    /// <summary>Looks whether the bucket answers. With <paramref name="mayErase"/>: writes, reads and deletes an object for good.</summary>
    /// <param name="store">The bucket.</param>
    /// <param name="mayErase">Whether the service erases.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ObjectStoreException">The store is away or refuses; the message says what is to be changed.</exception>
    public static async Task RunAsync(ObjectStore store, bool mayErase, CancellationToken cancellationToken)
    {
        await TryAsync("list", "s3:ListBucket", () => store.ProbeAsync(cancellationToken));
        if (!mayErase)
        {
            return;
        }

        var isVersioned = false;
        await TryAsync(
            "tell whether it keeps former versions", "s3:GetBucketVersioning",
            async () => isVersioned = await store.IsVersionedAsync(cancellationToken));
        var key = $"{Folder}{Guid.NewGuid():N}";
        await TryAsync("write", "s3:PutObject", () => store.WriteAsync(key, "check"u8.ToArray(), cancellationToken));
        await TryAsync("read", "s3:GetObject", async () =>
        {
            if (await store.HeadAsync(key, cancellationToken) is null)
            {
                throw new ObjectStoreException(
                    ObjectStoreFault.Refused,
                    $"{Capital(store.Place)} does not have what was just written: erasure could not be promised.");
            }
        });
        await TryAsync(
            "delete for good", isVersioned
                ? "s3:DeleteObject, s3:DeleteObjectVersion, s3:ListBucketVersions, s3:ListBucketMultipartUploads"
                : "s3:DeleteObject, s3:ListBucketMultipartUploads",
            () => store.DeleteAsync(key, k => k == key, DateTimeOffset.MaxValue, cancellationToken));
        await foreach (var _ in store.ListAllAsync(key, cancellationToken))
        {
            throw new ObjectStoreException(
                ObjectStoreFault.Refused, $"{Capital(store.Place)} keeps what is deleted: erasure could not be promised.");
        }
    }

    private static async Task TryAsync(string what, string rights, Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (ObjectStoreException e) when (e.Fault is ObjectStoreFault.Refused or ObjectStoreFault.Request)
        {
            throw new ObjectStoreException(e.Fault, $"{e.Message} It was asked to {what}: rights {rights}.");
        }
    }

    private static string Capital(string place) => char.ToUpperInvariant(place[0]) + place[1..];
}
