using System.Security.Cryptography;
using CpfPipeline.Data.Files;

namespace CpfPipeline.Data.Erasures;

/// <summary>
/// Keeps the tombstone key in a file of its own, which all instances of Ingest share: 64 hex digits, readable by its owner only.
/// </summary>
public static class TombstoneKeyFile
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The key in the file; made when there is no file.</summary>
    /// <exception cref="TombstoneKeyException">The file holds something else.</exception>
    public static TombstoneKey ReadOrCreate(string path) => ReadOrCreate(path, DurableFiles.OnDisk);

    internal static TombstoneKey ReadOrCreate(string path, DurableFiles files)
    {
        if (!File.Exists(path))
        {
            Create(path, files);
        }

        return Read(path);
    }

    /// <summary>The key in the file.</summary>
    /// <exception cref="TombstoneKeyException">The file holds something else.</exception>
    public static TombstoneKey Read(string path) =>
        Parse(File.ReadAllText(path).Trim()) ?? throw new TombstoneKeyException(
                $"{path} is no tombstone key ({2 * TombstoneKey.Length} hex digits): restore it from a backup.");

    /// <summary>The key that a text is; null when it is none.</summary>
    public static TombstoneKey? Parse(string text) => text.Length == 2 * TombstoneKey.Length && text.All(char.IsAsciiHexDigit)
        ? new TombstoneKey(Convert.FromHexString(text)) : null;

    // A lock is needed because a move without overwriting checks first and then moves. Of two processes that create a key at the same time,
    // one would lose its key.
    private static void Create(string path, DurableFiles files)
    {
        files.CreateFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        if (!SpinWait.SpinUntil(() => TryCreate(path, files), Patience))
        {
            throw new TombstoneKeyException($"{path} cannot be made: {path}.lock is held by another process.");
        }
    }

    // Written under another name first, so that no process reads half a key.
    private static bool TryCreate(string path, DurableFiles files)
    {
        FileStream held;
        try
        {
            held = new FileStream(path + ".lock", Private(FileMode.OpenOrCreate, FileAccess.ReadWrite));
        }
        catch (IOException) when (File.Exists(path + ".lock"))
        {
            return false;
        }

        using var _ = held;
        if (File.Exists(path))
        {
            return true;
        }

        var unfinished = $"{path}.{Guid.NewGuid():N}.new";
        try
        {
            using (var stream = new FileStream(unfinished, Private(FileMode.CreateNew, FileAccess.Write)))
            {
                stream.Write(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TombstoneKey.Length)).Select(c => (byte)c).ToArray());
                stream.Flush(flushToDisk: true);
            }

            files.Move(unfinished, path, overwrite: false);
            return true;
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    // The owner's alone. Who may read the lock may hold it.
    private static FileStreamOptions Private(FileMode mode, FileAccess access)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }
}
