using CpfPipeline.Cli.Installations;
using CpfPipeline.Data.Blobs;

namespace CpfPipeline.Cli.Backups;

/// <summary>What is backed up, or restored to: an installation's database and folders.</summary>
/// <param name="Database">Connection string of the schema's owner.</param>
/// <param name="Blobs">The blob folder, also where the blobs lie in a bucket.</param>
/// <param name="ErasureRecords">Folder with the record of erasures.</param>
/// <param name="TombstoneKey">File with the tombstone key.</param>
/// <param name="State">File with the secrets of the private servers.</param>
/// <param name="Unfinished">File that is there while a restore is not finished: it holds the backup's id.</param>
internal sealed record BackupSource(
    string Database, string Blobs, string ErasureRecords, string TombstoneKey, string State, string Unfinished)
{
    /// <summary>The blob store: that folder, or a bucket.</summary>
    public IBlobStore Store { get; init; } = new FolderBlobStore(Blobs);

    public static BackupSource Of(Installation installation)
    {
        var source = new BackupSource(
            installation.PostgresOwner, installation.Blobs, installation.ErasureRecords, installation.TombstoneKey,
            Path.Combine(installation.Home, "state.json"), installation.UnfinishedRestore);
        return installation.OpenBucket() is { } bucket ? source with { Store = new BucketBlobStore(bucket) } : source;
    }
}
