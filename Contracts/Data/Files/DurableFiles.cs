namespace CpfPipeline.Data.Files;

/// <summary>Folders and names that survive a power cut: whatever makes one flushes the folder that holds it.</summary>
/// <param name="flushFolder">Flushes a folder.</param>
internal sealed class DurableFiles(Action<string> flushFolder)
{
    /// <summary>Those of the disk.</summary>
    public static DurableFiles OnDisk { get; } = new(FolderFlush.Run);

    /// <summary>Makes a folder, and those above it that are missing.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="mode">Of the folders that are made, except on Windows; null: as the process makes them.</param>
    public void CreateFolder(string path, UnixFileMode? mode = null)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        var parent = Path.GetDirectoryName(Path.GetFullPath(path));
        if (parent is not null)
        {
            CreateFolder(parent, mode);
        }

        _ = mode is { } given && !OperatingSystem.IsWindows() ? Directory.CreateDirectory(path, given) : Directory.CreateDirectory(path);
        if (parent is not null)
        {
            flushFolder(parent);
        }
    }

    /// <summary>Renames a file whose bytes were flushed.</summary>
    public void Move(string from, string to, bool overwrite)
    {
        File.Move(from, to, overwrite);
        flushFolder(Path.GetDirectoryName(Path.GetFullPath(to))!);
    }
}
