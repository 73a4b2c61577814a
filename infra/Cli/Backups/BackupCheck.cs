namespace CpfPipeline.Cli.Backups;

/// <summary>Reads every file of a backup and compares it with its hash.</summary>
/// <param name="folder">The backup's folder.</param>
/// <param name="manifest">The backup.</param>
/// <param name="isErased">Blobs that were erased since it was made: those need not be there.</param>
internal sealed class BackupCheck(BackupFolder folder, BackupManifest manifest, Func<string, bool> isErased)
{
    private const int MaxNamed = 10;
    private const int BlobsPerTelling = 1_000;

    /// <summary>Checks all.</summary>
    /// <param name="leaveOutDamaged">Whether blobs may be missing or damaged. The others may not.</param>
    /// <param name="tell">Receives how far it is.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The blobs that are missing or damaged.</returns>
    /// <exception cref="CommandException">Something is missing or damaged (3); the first are named.</exception>
    public async Task<IReadOnlySet<string>> RunAsync(bool leaveOutDamaged, Action<string> tell, CancellationToken cancellationToken)
    {
        var damaged = new HashSet<string>();
        var faults = new List<string>();
        foreach (var (name, file) in manifest.Files)
        {
            await CompareAsync(Path.Combine(folder.Of(manifest.Id), name), file, faults, cancellationToken);
        }

        Throw(faults); // Without its list the blobs cannot be checked.
        var (seen, bytes) = (0L, 0L);
        foreach (var (sha256, length) in new BlobList(Path.Combine(folder.Of(manifest.Id), BackupFolder.BlobListName)).Read())
        {
            if (!isErased(sha256) && !await CompareAsync(folder.Blob(sha256), new BackupFile(length, sha256), faults, cancellationToken))
            {
                damaged.Add(sha256);
            }

            bytes += length;
            if (++seen % BlobsPerTelling == 0)
            {
                tell($"{seen:N0} of {manifest.Blobs:N0} blobs, {bytes / 1e6:N0} MB");
            }
        }

        if (!leaveOutDamaged)
        {
            Throw(faults);
        }

        return damaged;
    }

    private static async Task<bool> CompareAsync(string path, BackupFile expected, List<string> faults, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            faults.Add($"{path} is missing");
            return false;
        }

        if (await FileHash.OfAsync(path, cancellationToken) != expected)
        {
            faults.Add($"{path} is damaged");
            return false;
        }

        return true;
    }

    private static void Throw(List<string> faults)
    {
        if (faults.Count > 0)
        {
            throw CommandException.Infrastructure(
                $"the backup is not whole, nothing was restored; --leave-out-damaged goes on without these. Faults: {faults.Count}\n"
                    + string.Join('\n', faults.Take(MaxNamed)) + (faults.Count > MaxNamed ? "\n..." : ""));
        }
    }
}
