using System.Security.Cryptography;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Objects;

namespace CpfPipeline.Cli.Backups;

/// <summary>A folder that blobs are copied to. A blob never changes, so one that is there is not copied again.</summary>
/// <param name="folder">The folder, in the layout of the blob store.</param>
internal sealed class BlobPool(string folder)
{
    private const int BufferBytes = 1 << 20;
    private const int HexDigits = 64;
    private const string Unfinished = ".new";
    private readonly byte[] _buffer = new byte[BufferBytes];

    /// <summary>Blobs copied so far, and their bytes.</summary>
    public (long Blobs, long Bytes) Copied { get; private set; }

    /// <summary>Where a blob lies.</summary>
    public static string PathIn(string folder, string sha256) => Path.Combine(folder, sha256[..2], sha256[2..4], sha256);

    /// <summary>Length of a blob that is there; null when it is not.</summary>
    public long? Length(string sha256) => new FileInfo(PathIn(folder, sha256)) is { Exists: true } file ? file.Length : null;

    /// <summary>Copies a blob that is not there, and sees that it is the one it is named by.</summary>
    /// <returns>False: the store does not have it, cannot read it, or has other bytes under its name. Nothing is kept then.</returns>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public async Task<bool> CopyAsync(IBlobStore blobs, string sha256, CancellationToken cancellationToken)
    {
        await using var source = await OpenAsync(blobs, sha256, cancellationToken);
        if (source is null)
        {
            return false;
        }

        if (Length(sha256) == source.Length)
        {
            return true;
        }

        var path = PathIn(folder, sha256);
        var unfinished = path + Unfinished;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytes = 0L;
        await using (var copy = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            while (await ReadAsync(source, cancellationToken) is var n and > 0)
            {
                hash.AppendData(_buffer, 0, n);
                await copy.WriteAsync(_buffer.AsMemory(0, n), cancellationToken);
                bytes += n;
            }
        }

        if (Convert.ToHexStringLower(hash.GetHashAndReset()) != sha256)
        {
            File.Delete(unfinished);
            return false;
        }

        File.Move(unfinished, path, overwrite: true);
        Copied = (Copied.Blobs + 1, Copied.Bytes + bytes);
        return true;
    }

    /// <summary>Reads the blobs with a first byte, and removes those that are damaged, so that they are copied again.</summary>
    public async Task RemoveDamagedAsync(string firstByte, CancellationToken cancellationToken)
    {
        foreach (var file in Files(firstByte).Where(f => f.Name.Length == HexDigits))
        {
            if (!await IsWholeAsync(file, cancellationToken))
            {
                file.Delete();
            }
        }
    }

    /// <summary>Removes every blob that is of none of the lists, and what interrupted copies left. Other files are left alone.</summary>
    /// <param name="newest">The blobs that stay, ascending.</param>
    /// <param name="older">Lists of backups before it, whose blobs stay as well.</param>
    /// <param name="isErased">Blobs of the older lists that go all the same.</param>
    /// <param name="cancellationToken">Cancels; the rest goes with the next backup.</param>
    /// <returns>How many blobs were removed.</returns>
    public long Keep(BlobList newest, IReadOnlyList<BlobList> older, Func<string, bool> isErased, CancellationToken cancellationToken)
    {
        var removed = 0L;
        var others = older.Select(l => l.ByFirstByte().GetEnumerator()).ToList();
        foreach (var (part, kept) in newest.ByFirstByte())
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var other in others)
            {
                other.MoveNext(); // Each has all 256 parts.
                kept.UnionWith(other.Current.Sha256.Where(s => !isErased(s)));
            }

            foreach (var file in Files(part).Where(f => !kept.Contains(f.Name)))
            {
                var isBlob = IsHash(file.Name);
                if (isBlob || (file.Name.EndsWith(Unfinished, StringComparison.Ordinal) && IsHash(file.Name[..^Unfinished.Length])))
                {
                    file.Delete();
                    removed += isBlob ? 1 : 0;
                }
            }
        }

        others.ForEach(o => o.Dispose());
        return removed;
    }

    private static async Task<bool> IsWholeAsync(FileInfo file, CancellationToken cancellationToken)
    {
        try
        {
            return (await FileHash.OfAsync(file.FullName, cancellationToken)).Sha256 == file.Name;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool IsHash(string name) => name.Length == HexDigits && name.All(char.IsAsciiHexDigitLower);

    private static async Task<Stream?> OpenAsync(IBlobStore blobs, string sha256, CancellationToken cancellationToken)
    {
        try
        {
            return await blobs.OpenAsync(Convert.FromHexString(sha256), rendition: null, cancellationToken);
        }
        catch (Exception e) when (IsOfOne(e))
        {
            return null; // One bad sector must not stop the backup of everything else.
        }
    }

    // A store that is away lacks all blobs for the moment: that is no backup.
    private static bool IsOfOne(Exception e) => e is (IOException and not ObjectStoreException) or UnauthorizedAccessException;

    private IEnumerable<FileInfo> Files(string firstByte) =>
        new DirectoryInfo(Path.Combine(folder, firstByte)) is { Exists: true } directory
            ? directory.EnumerateFiles("*", SearchOption.AllDirectories) : [];

    // What cannot be read ends like a file that was cut off: its hash is another one.
    private async Task<int> ReadAsync(Stream source, CancellationToken cancellationToken)
    {
        try
        {
            return await source.ReadAsync(_buffer, cancellationToken);
        }
        catch (Exception e) when (IsOfOne(e))
        {
            return 0;
        }
    }
}
