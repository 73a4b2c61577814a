namespace CpfPipeline.Cli.Backups;

/// <summary>A file of a backup.</summary>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Hash of its bytes, lower-case hex.</param>
internal sealed record BackupFile(long Bytes, string Sha256);
