using System.Security.Cryptography;

namespace CpfPipeline.Data;

/// <summary>Keeps the tombstone key in a file of its own, which all instances of Ingest share: 64 hex digits, readable by its owner only.</summary>
public static class TombstoneKeyFile
{
    /// <summary>The key in the file; made when there is no file.</summary>
    /// <exception cref="TombstoneKeyException">The file holds something else.</exception>
    public static TombstoneKey ReadOrCreate(string path)
    {
        if (!File.Exists(path))
        {
            Create(path);
        }

        var text = File.ReadAllText(path).Trim();
        return text.Length == 2 * TombstoneKey.Length && text.All(char.IsAsciiHexDigit)
            ? new TombstoneKey(Convert.FromHexString(text))
            : throw new TombstoneKeyException($"{path} is no tombstone key ({2 * TombstoneKey.Length} hex digits): restore it from a backup.");
    }

    // Written whole under another name: of several that make one at the same time the first to arrive wins, and all read the same.
    private static void Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var unfinished = $"{path}.{Guid.NewGuid():N}.new";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            using (var stream = new FileStream(unfinished, options))
            {
                stream.Write(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TombstoneKey.Length)).Select(c => (byte)c).ToArray());
                stream.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another instance was first.
        }
        finally
        {
            File.Delete(unfinished);
        }
    }
}
