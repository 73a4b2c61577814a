namespace CpfPipeline.Data.Blobs;

/// <summary>Deletes several blobs while a transaction holds their rows: a bucket answers slowly, and many at once.</summary>
public static class BlobDeletions
{
    /// <summary>As many as are deleted at the same time. No row of more of them should be held: a bucket may take minutes.</summary>
    public const int AtOnce = 8;

    /// <summary>Deletes them.</summary>
    /// <param name="sha256s">Their hashes.</param>
    /// <param name="deleteBlob">Deletes one.</param>
    /// <param name="cancellationToken">Cancels; some may be gone.</param>
    public static Task RunAsync(
        IEnumerable<byte[]> sha256s, Func<byte[], CancellationToken, Task> deleteBlob, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            sha256s, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (sha256, token) => await deleteBlob(sha256, token));
}
