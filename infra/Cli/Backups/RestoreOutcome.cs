namespace CpfPipeline.Cli.Backups;

/// <summary>What a restore did.</summary>
/// <param name="Manifest">The backup.</param>
/// <param name="Blobs">Blobs that are there now.</param>
/// <param name="Erased">Blobs that were left out, since the record says that they were erased after the backup.</param>
/// <param name="Damaged">Blobs that were left out, since they are missing or damaged in the backup.</param>
/// <param name="Announced">Messages in the outbox for what the lost queues may have held.</param>
internal sealed record RestoreOutcome(BackupManifest Manifest, long Blobs, long Erased, long Damaged, long Announced);
