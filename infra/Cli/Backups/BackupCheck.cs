using CpfPipeline.Data.Erasures;

namespace CpfPipeline.Cli.Backups;

/// <summary>Reads every file of a backup and compares it with its hash.</summary>
/// <param name="folder">The backup's folder.</param>
/// <param name="manifest">The backup.</param>
internal sealed class BackupCheck(BackupFolder folder, BackupManifest manifest)
{
    private const int NamedAtMost = 10;
    private const int ToldEvery = 1_000;

    /// <summary>Checks all.</summary>
    /// <param name="tell">Receives how far it is.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CommandException">Something is missing or damaged (3); the first are named.</exception>
    public async Task RunAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        var faults = new List<string>();
        foreach (var (name, file) in manifest.Files)
        {
            await CompareAsync(Path.Combine(folder.Of(manifest.Id), name), file, faults, cancellationToken);
        }

        Throw(faults); // Without its list the blobs cannot be checked.
        var (seen, bytes) = (0L, 0L);
        foreach (var (sha256, length) in new BlobList(Path.Combine(folder.Of(manifest.Id), BackupFolder.BlobListName)).Read())
        {
            await CompareAsync(folder.Blob(sha256), new BackupFile(length, sha256), faults, cancellationToken);
            bytes += length;
            if (++seen % ToldEvery == 0)
            {
                tell($"{seen:N0} of {manifest.Blobs:N0} blobs, {bytes / 1e6:N0} MB");
            }
        }

        try
        {
            _ = new ErasureRecords(folder.Erasures).All().Count();
        }
        catch (InvalidDataException e)
        {
            faults.Add(e.Message);
        }

        Throw(faults);
    }

    private static async Task CompareAsync(string path, BackupFile expected, List<string> faults, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            faults.Add($"{path} is missing");
        }
        else if (await FileHash.OfAsync(path, cancellationToken) != expected)
        {
            faults.Add($"{path} is damaged");
        }
    }

    private static void Throw(List<string> faults)
    {
        if (faults.Count > 0)
        {
            throw CommandException.Infrastructure(
                $"the backup is not whole, nothing was restored: {faults.Count:N0} faults\n"
                    + string.Join('\n', faults.Take(NamedAtMost)) + (faults.Count > NamedAtMost ? "\n..." : ""));
        }
    }
}
