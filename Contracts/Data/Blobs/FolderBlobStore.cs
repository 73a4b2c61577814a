using System.Buffers;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Data.Blobs;

/// <summary>
/// Blobs as files <c>FOLDER/ab/cd/abcd...</c>, their renditions beside them as <c>abcd... .320.webp</c>. Each is written under a temporary
/// name, flushed to disk, then renamed. A blob's name is the hash of its bytes, and whatever is derived from it begins with that name and
/// a dot: so nothing of it can be missed when it is deleted. Exceptions end up in logs, and logs outlive an erasure. So exceptions name
/// the folder, never a file.
/// </summary>
/// <param name="folder">Root folder. It is created when missing. Every service must use the same one.</param>
public sealed class FolderBlobStore(string folder) : IBlobStore
{
    private const int HexDigits = 64;
    private static readonly EnumerationOptions Readable = new() { RecurseSubdirectories = true, IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.None };
    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");
    private readonly string _folder = Path.GetFullPath(folder);

    /// <inheritdoc/>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public Task WriteAsync(ReadOnlyMemory<byte> sha256, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        WriteAsync(PathOf(sha256.Span), bytes, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public Task WriteRenditionAsync(
        ReadOnlyMemory<byte> sha256, string rendition, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        WriteAsync(PathOf(sha256.Span, rendition), bytes, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public Task<Stream?> OpenAsync(ReadOnlyMemory<byte> sha256, string? rendition, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var path = rendition is null ? PathOf(sha256.Span) : PathOf(sha256.Span, rendition);
        try
        {
            return Task.FromResult<Stream?>(new FileStream(path, new FileStreamOptions
            {
                // Deleted while it is read: the reader keeps what it opened.
                Share = FileShare.Read | FileShare.Delete, BufferSize = 0, Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
            }));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unnamed(e, path, "read");
        }
    }

    private async Task WriteAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            if (TryTouch(path))
            {
                return;
            }

            // Deleting a blob also deletes its unfinished writes.
            while (!await TryWriteAsync(path, bytes, cancellationToken))
            {
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unnamed(e, path, "written");
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public async Task<byte[]> ReadAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken)
    {
        var path = PathOf(sha256.Span);
        try
        {
            return await File.ReadAllBytesAsync(path, cancellationToken);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BlobMissingException($"The blob is not below {_folder}: is this the folder that Ingest writes to?");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unnamed(e, path, "read");
        }
    }

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken) =>
        Task.FromResult(File.Exists(PathOf(sha256.Span)));

    /// <inheritdoc/>
    /// <exception cref="IOException">The file cannot be deleted.</exception>
    public Task DeleteAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken) =>
        DeleteOlderAsync(sha256, DateTimeOffset.MaxValue, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="IOException">The file cannot be deleted.</exception>
    public Task DeleteOlderAsync(ReadOnlyMemory<byte> sha256, DateTimeOffset writtenBefore, CancellationToken cancellationToken)
    {
        var path = PathOf(sha256.Span);
        try
        {
            var directory = new DirectoryInfo(Path.GetDirectoryName(path)!);
            if (directory.Exists)
            {
                foreach (var file in directory.EnumerateFiles(Path.GetFileName(path) + ".*")
                    .Prepend(new FileInfo(path)).Where(f => f.LastWriteTimeUtc < writtenBefore))
                {
                    file.Delete();
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unnamed(e, path, "deleted");
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public IEnumerable<StoredBlob> List(byte firstByte)
    {
        var directory = new DirectoryInfo(Path.Combine(_folder, Convert.ToHexStringLower([firstByte])));
        return directory.Exists
            ? directory.EnumerateFiles("*", Readable).Select(Read).OfType<StoredBlob>()
            : [];
    }

    // Null for a file that belongs to no blob, and for one that is already gone.
    private StoredBlob? Read(FileInfo file)
    {
        var name = file.Name;
        if (name.Length < HexDigits || (name.Length > HexDigits && name[HexDigits] != '.')
            || name.AsSpan(0, HexDigits).ContainsAnyExcept(LowerHex))
        {
            return null;
        }

        var sha256 = Convert.FromHexString(name[..HexDigits]);
        return file.Exists && Path.GetDirectoryName(PathOf(sha256)) == file.DirectoryName
            ? new StoredBlob(sha256, file.LastWriteTimeUtc) : null;
    }

    // A blob that is about to be used must not look unused for days, or the sweep would delete it.
    private static bool TryTouch(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        try
        {
            File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return true; // The file belongs to another user, so its time cannot be changed.
        }
    }

    private static async Task<bool> TryWriteAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var handle = File.OpenHandle(
                temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous, bytes.Length))
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

    // The inner exception is left out: it names the path, and would be logged with this one.
    private IOException Unnamed(Exception e, string path, string what)
    {
        var said = e.Message;
        for (var part = path; part is not null && part.Length > _folder.Length; part = Path.GetDirectoryName(part))
        {
            said = said.Replace(part, _folder, StringComparison.Ordinal);
        }

        return new IOException(
            $"A blob below {_folder} cannot be {what}: "
                + (said.Contains(Path.GetFileName(path), StringComparison.OrdinalIgnoreCase) ? e.GetType().Name : said), e.HResult);
    }

    // A rendition's name may come from a message: it must not lead to another folder.
    private string PathOf(ReadOnlySpan<byte> sha256, string rendition) => Rendition.All.Contains(rendition)
        ? $"{PathOf(sha256)}.{rendition}.webp"
        : throw new ArgumentOutOfRangeException(nameof(rendition), rendition, "There is no such rendition.");

    private string PathOf(ReadOnlySpan<byte> sha256)
    {
        var name = Convert.ToHexStringLower(sha256);
        return Path.Combine(_folder, name[..2], name[2..4], name);
    }
}
