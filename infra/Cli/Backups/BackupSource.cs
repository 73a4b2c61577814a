using CpfPipeline.Cli.Installations;

namespace CpfPipeline.Cli.Backups;

/// <summary>What is backed up, or restored to: an installation's database and folders.</summary>
/// <param name="Database">Connection string of the schema's owner.</param>
/// <param name="Blobs">The blob folder.</param>
/// <param name="ErasureRecords">Folder with the record of erasures.</param>
/// <param name="TombstoneKey">File with the tombstone key.</param>
/// <param name="State">File with the secrets of the private servers.</param>
/// <param name="Unfinished">File that is there while a restore is not finished: it holds the backup's id.</param>
internal sealed record BackupSource(
    string Database, string Blobs, string ErasureRecords, string TombstoneKey, string State, string Unfinished)
{
    public static BackupSource Of(Installation installation) => new(
        installation.PostgresOwner, installation.Blobs, installation.ErasureRecords, installation.TombstoneKey,
        Path.Combine(installation.Home, "state.json"), installation.UnfinishedRestore);
}
