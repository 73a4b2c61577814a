namespace CpfPipeline.Cli.Backups;

/// <summary>What a backup did.</summary>
/// <param name="Manifest">The backup.</param>
/// <param name="NewBlobs">Blobs that were copied; the others were there.</param>
/// <param name="NewBytes">Their bytes.</param>
/// <param name="Removed">Blobs of the backup before that were erased or collected since.</param>
/// <param name="NewRecords">Records of erasures that were new.</param>
/// <param name="Missing">Hashes of blobs that the blob store should have, and lacks or has damaged.</param>
/// <param name="Warnings">What a restore would find out too late.</param>
internal sealed record BackupOutcome(
    BackupManifest Manifest, long NewBlobs, long NewBytes, long Removed, int NewRecords, IReadOnlyList<string> Missing,
    IReadOnlyList<string> Warnings)
{
    /// <summary>Names of the backups that are there now, the newest first.</summary>
    public IReadOnlyList<string> Kept { get; init; } = [];
}
