using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Processes;

namespace CpfPipeline.Cli.Backups;

/// <summary>Makes a folder a backup's, sees that it is one, and holds it.</summary>
internal static class BackupLock
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Prepares the folder and holds one of its locks.</summary>
    /// <exception cref="CommandException">It is no folder for backups (2), or somebody else holds the lock (6).</exception>
    public static FileStream Take(BackupSource source, BackupFolder folder, string path)
    {
        Prepare(source, folder);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new CommandException(
                ExitCode.AlreadyRunning, $"another backup is being made in {folder.Root}, or it is being restored from there");
        }
    }

    /// <summary>Keeps a backup from being replaced while it is restored from.</summary>
    /// <exception cref="CommandException">One is being made there (6).</exception>
    public static FileStream Share(BackupFolder folder)
    {
        try
        {
            return new FileStream(folder.Lock, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (IOException) when (File.Exists(folder.Lock))
        {
            throw new CommandException(ExitCode.AlreadyRunning, $"a backup is being made in {folder.Root}");
        }
    }

    /// <summary>Makes a new or empty folder a backup's.</summary>
    /// <exception cref="CommandException">It holds other things, or lies where the pipeline has its own files (2).</exception>
    public static void Prepare(BackupSource source, BackupFolder folder)
    {
        var home = Path.GetDirectoryName(source.State)!;
        foreach (var own in new[] { home, source.Blobs, source.ErasureRecords })
        {
            if (Holds(own, folder.Root) || Holds(folder.Root, own))
            {
                throw CommandException.Usage($"{folder.Root} and {own} lie in each other: name a folder elsewhere");
            }
        }

        if (!File.Exists(folder.Marker) && Directory.Exists(folder.Root) && Directory.EnumerateFileSystemEntries(folder.Root).Any())
        {
            throw CommandException.Usage($"{folder.Root} is not empty and holds no backup: name a new folder, or that of a backup");
        }

        Directory.CreateDirectory(folder.Root, OwnerOnly);
        foreach (var part in new[] { folder.Backups, folder.Blobs, folder.Erasures })
        {
            Directory.CreateDirectory(part, OwnerOnly); // Also where the user's folder is open to others.
        }

        if (!File.Exists(folder.Marker))
        {
            File.WriteAllText(folder.Marker, "");
        }
    }

    /// <summary>Makes the folder one installation's.</summary>
    /// <exception cref="CommandException">It is another's (2).</exception>
    public static void Claim(BackupFolder folder, Guid installation)
    {
        var own = installation.ToString("D");
        if (File.ReadAllText(folder.Marker).Trim() is { Length: > 0 } claimed)
        {
            if (claimed != own)
            {
                throw CommandException.Usage(
                    $"{folder.Root} holds the backup of another installation, which would be lost: name a new folder. A new checkout that "
                        + "is to take the place of a lost one is restored first");
            }

            return;
        }

        Installation.WritePrivate(folder.Marker, own);
    }

    private static bool Holds(string outer, string inner) =>
        (Resolve(inner) + Path.DirectorySeparatorChar).StartsWith(Resolve(outer) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    // Its links followed, as far as it exists.
    private static string Resolve(string path)
    {
        var real = Path.GetPathRoot(Path.GetFullPath(path))!;
        var names = Path.GetFullPath(path)[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        foreach (var name in names)
        {
            real = ProcessTable.Resolve(Path.Combine(real, name));
        }

        return Path.TrimEndingDirectorySeparator(real);
    }
}
