using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using CpfPipeline.Data.Files;

namespace CpfPipeline.Data.Blobs;

/// <summary>
/// Blobs as files of a folder, see <see cref="BlobName"/>. Each is written under a temporary name, flushed to disk, then renamed, which is
/// flushed as well. A blob that is read is compared with its hash: what a disk has damaged must not be taken for a bad picture.
/// Exceptions end up in logs, and logs outlive an erasure. So exceptions name the folder, never a file.
/// </summary>
public sealed class FolderBlobStore : IBlobStore
{
    private const string DamagedEnding = ".damaged";
    private static readonly EnumerationOptions Readable = new() { RecurseSubdirectories = true, IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.None };
    private readonly string _folder;
    private readonly DurableFiles _files;

    /// <param name="folder">Root folder. It is created when missing. Every service must use the same one.</param>
    public FolderBlobStore(string folder)
        : this(folder, DurableFiles.OnDisk)
    {
    }

    internal FolderBlobStore(string folder, DurableFiles files) => (_folder, _files) = (Path.GetFullPath(folder), files);

    /// <inheritdoc/>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public Task<bool> WriteAsync(ReadOnlyMemory<byte> sha256, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        WriteAsync(PathOf(sha256.Span, null), bytes, cancellationToken);

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
        var path = PathOf(sha256.Span, rendition);
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

    // Whether bytes of another length were replaced.
    private async Task<bool> WriteAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            var there = new FileInfo(path);
            var isDamaged = there.Exists && there.Length != bytes.Length;
            if (there.Exists && !isDamaged && TryTouch(path))
            {
                return false;
            }

            // Deleting a blob also deletes its unfinished writes.
            while (!await TryWriteAsync(path, bytes, cancellationToken))
            {
            }

            return isDamaged;
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
        var path = PathOf(sha256.Span, null);
        try
        {
            var bytes = await File.ReadAllBytesAsync(path, cancellationToken);
            return SHA256.HashData(bytes).AsSpan().SequenceEqual(sha256.Span)
                ? bytes : throw new IOException("it is damaged: its bytes are not those of its name");
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
        Task.FromResult(File.Exists(PathOf(sha256.Span, null)));

    /// <inheritdoc/>
    /// <exception cref="IOException">The file cannot be deleted.</exception>
    public Task DeleteAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken) =>
        DeleteOlderAsync(sha256, DateTimeOffset.MaxValue, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="IOException">The file cannot be deleted.</exception>
    public Task DeleteOlderAsync(ReadOnlyMemory<byte> sha256, DateTimeOffset writtenBefore, CancellationToken cancellationToken)
    {
        var path = PathOf(sha256.Span, null);
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
    /// <exception cref="IOException">The file cannot be deleted.</exception>
    public Task DeleteAsync(StoredBlob listed, CancellationToken cancellationToken)
    {
        var file = new FileInfo(PathOf(listed.Sha256, null) + listed.Suffix);
        try
        {
            if (file.Exists && file.LastWriteTimeUtc <= listed.WrittenAt)
            {
                file.Delete();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unnamed(e, file.FullName, "deleted");
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The file cannot be renamed.</exception>
    public Task SetAsideAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken)
    {
        var path = PathOf(sha256.Span, null);
        try
        {
            File.Move(path, path + DamagedEnding, overwrite: true);
            File.SetLastWriteTimeUtc(path + DamagedEnding, TimeProvider.System.GetUtcNow().UtcDateTime);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unnamed(e, path, "renamed");
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredBlob> ListAsync(byte firstByte, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var directory = new DirectoryInfo(Path.Combine(_folder, Convert.ToHexStringLower([firstByte])));
        foreach (var file in directory.Exists ? directory.EnumerateFiles("*", Readable) : [])
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Read(file) is { } blob)
            {
                yield return blob;
            }
        }

        await Task.CompletedTask;
    }

    // Null for a file that belongs to no blob, and for one that is already gone.
    private StoredBlob? Read(FileInfo file)
    {
        var name = Path.GetRelativePath(_folder, file.FullName).Replace(Path.DirectorySeparatorChar, '/');
        return BlobName.TryParse(name, out var sha256, out var suffix) && file.Exists
            ? new StoredBlob(sha256, suffix, file.LastWriteTimeUtc, file.Length) : null;
    }

    // A blob that is about to be used must not look unused for days, or the sweep would delete it.
    private static bool TryTouch(string path)
    {
        try
        {
            File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return true; // The file belongs to another user, so its time cannot be changed.
        }
    }

    private async Task<bool> TryWriteAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _files.CreateFolder(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var handle = File.OpenHandle(
                temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous, bytes.Length))
            {
                await RandomAccess.WriteAsync(handle, bytes, 0, cancellationToken);
                RandomAccess.FlushToDisk(handle);
            }

            _files.Move(temporary, path, overwrite: true);
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

    private string PathOf(ReadOnlySpan<byte> sha256, string? rendition) =>
        Path.Combine(_folder, BlobName.Of(sha256, rendition).Replace('/', Path.DirectorySeparatorChar));
}
