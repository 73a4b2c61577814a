using System.Security.Cryptography;
using CpfPipeline.Data.Blobs;

namespace CpfPipeline.Cli.Backups;

/// <summary>The blobs of a backup's folder. A blob never changes, so one that is there is not copied again.</summary>
/// <param name="folder">The backup's folder.</param>
internal sealed class BlobPool(BackupFolder folder)
{
    private const int BufferBytes = 1 << 20;
    private readonly byte[] _buffer = new byte[BufferBytes];

    /// <summary>Blobs copied so far, and their bytes.</summary>
    public (long Blobs, long Bytes) Copied { get; private set; }

    /// <summary>Length of a blob that is there; null when it is not.</summary>
    public long? Length(string sha256) => new FileInfo(folder.Blob(sha256)) is { Exists: true } file ? file.Length : null;

    /// <summary>Copies a blob that is not there, and sees that it is the one it is named by.</summary>
    /// <returns>False: the store does not have it, or has other bytes under its name. Nothing is kept then.</returns>
    public async Task<bool> CopyAsync(IBlobStore blobs, string sha256, CancellationToken cancellationToken)
    {
        await using var source = await blobs.OpenAsync(Convert.FromHexString(sha256), rendition: null, cancellationToken);
        if (source is null)
        {
            return false;
        }

        var path = folder.Blob(sha256);
        if (Length(sha256) == source.Length)
        {
            return true;
        }

        var unfinished = path + ".new";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytes = 0L;
        await using (var copy = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            while (await source.ReadAsync(_buffer, cancellationToken) is var n and > 0)
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

    /// <summary>Removes every file that is not a blob of the list.</summary>
    /// <param name="list">The backup's blobs, ascending.</param>
    /// <param name="cancellationToken">Cancels; the rest goes with the next backup.</param>
    /// <returns>How many blobs were removed.</returns>
    public long Keep(BlobList list, CancellationToken cancellationToken)
    {
        var removed = 0L;
        foreach (var (part, kept) in list.ByFirstByte())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var directory = new DirectoryInfo(Path.Combine(folder.Blobs, part));
            foreach (var file in directory.Exists ? directory.EnumerateFiles("*", SearchOption.AllDirectories) : [])
            {
                if (!kept.Contains(file.Name))
                {
                    file.Delete();
                    removed += file.Extension.Length == 0 ? 1 : 0; // Others are what an interrupted copy left.
                }
            }
        }

        return removed;
    }
}
