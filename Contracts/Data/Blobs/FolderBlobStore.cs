namespace CpfPipeline.Data;

/// <summary>Blobs as files <c>FOLDER/ab/cd/abcd...</c>, written to a temporary name, flushed to disk, then renamed.</summary>
/// <param name="folder">Root folder, made when missing; every service must see the same.</param>
public sealed class FolderBlobStore(string folder) : IBlobStore
{
    /// <inheritdoc/>
    public async Task WriteAsync(ReadOnlyMemory<byte> sha256, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var path = PathOf(sha256.Span);
        if (File.Exists(path))
        {
            return;
        }

        // Whoever deletes the blob deletes what is unfinished of it, too.
        while (!await TryWriteAsync(path, bytes, cancellationToken))
        {
        }
    }

    private static async Task<bool> TryWriteAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var handle = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous, bytes.Length))
            {
                await RandomAccess.WriteAsync(handle, bytes, 0, cancellationToken);
                RandomAccess.FlushToDisk(handle);
            }

            File.Move(temporary, path, overwrite: true);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<byte[]> ReadAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken)
    {
        var path = PathOf(sha256.Span);
        try
        {
            return await File.ReadAllBytesAsync(path, cancellationToken);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Messages end in logs, which outlive an erasure: no hash.
            throw new BlobMissingException($"The blob is not below {folder}: is this the folder that Ingest writes to?");
        }
    }

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken) =>
        Task.FromResult(File.Exists(PathOf(sha256.Span)));

    /// <inheritdoc/>
    public Task DeleteAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken)
    {
        var path = PathOf(sha256.Span);
        var directory = new DirectoryInfo(Path.GetDirectoryName(path)!);
        if (directory.Exists)
        {
            File.Delete(path);
            foreach (var unfinished in directory.EnumerateFiles(Path.GetFileName(path) + ".*.tmp"))
            {
                unfinished.Delete();
            }
        }

        return Task.CompletedTask;
    }

    private string PathOf(ReadOnlySpan<byte> sha256)
    {
        var name = Convert.ToHexStringLower(sha256);
        return Path.Combine(folder, name[..2], name[2..4], name);
    }
}
