using System.Globalization;

namespace CpfPipeline.Data.Probes;

/// <summary>
/// Probes as folders <c>FOLDER/ID</c> with a file a part. A part is written under a temporary name and renamed, so that it is there as a
/// whole. Only the beginning of a probe makes its folder: a part that comes too late finds none.
/// </summary>
/// <param name="folder">Root folder. It is created when missing. Every service must use the same one.</param>
public sealed class FolderProbeStore(string folder) : IProbeStore
{
    private const int BufferBytes = 64 * 1024;

    private readonly string _folder = Path.GetFullPath(folder);

    /// <inheritdoc/>
    public Task BeginAsync(Guid probeId, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(FolderOf(probeId));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<long?> ReceiveAsync(Guid probeId, Stream bytes, long maxBytes, CancellationToken cancellationToken)
    {
        var (path, length) = (PathOf(probeId, ProbePart.Received), 0L);
        await using (var file = OpenTemporary(path))
        {
            var buffer = new byte[BufferBytes];
            while (await bytes.ReadAsync(buffer, cancellationToken) is var n and > 0)
            {
                length += n;
                if (length > maxBytes)
                {
                    return null;
                }

                await file.WriteAsync(buffer.AsMemory(0, n), cancellationToken);
            }
        }

        File.Move(TemporaryOf(path), path, overwrite: true);
        return length;
    }

    /// <inheritdoc/>
    public Task<bool> IsWaitedForAsync(Guid probeId, CancellationToken cancellationToken) =>
        Task.FromResult(Directory.Exists(FolderOf(probeId)));

    /// <inheritdoc/>
    public async Task<byte[]?> ReadAsync(Guid probeId, ProbePart part, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(PathOf(probeId, part), cancellationToken);
        }
        catch (Exception e) when (IsGone(e))
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(Guid probeId, ProbePart part, CancellationToken cancellationToken) =>
        Task.FromResult(File.Exists(PathOf(probeId, part)));

    /// <inheritdoc/>
    public async Task<bool> WriteAsync(Guid probeId, ProbePart part, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            var path = PathOf(probeId, part);
            await using (var file = OpenTemporary(path))
            {
                await file.WriteAsync(bytes, cancellationToken);
            }

            File.Move(TemporaryOf(path), path, overwrite: true);
            return true;
        }
        catch (Exception e) when (IsGone(e))
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(Guid probeId, CancellationToken cancellationToken)
    {
        Delete(FolderOf(probeId));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<int> DeleteOlderAsync(DateTimeOffset begunBefore, CancellationToken cancellationToken)
    {
        var root = new DirectoryInfo(_folder);
        var old = root.Exists
            ? root.EnumerateDirectories().Where(d => IsProbe(d.Name) && d.LastWriteTimeUtc < begunBefore.UtcDateTime).ToList() : [];
        old.ForEach(d => Delete(d.FullName));
        return Task.FromResult(old.Count);
    }

    private static string TemporaryOf(string path) => path + ".tmp";

    private static FileStream OpenTemporary(string path) =>
        new(TemporaryOf(path), FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes, useAsync: true);

    // Another process may write a part between the listing of the folder and its removal.
    private static void Delete(string path)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Directory.Delete(path, recursive: true);
                return;
            }
            catch (DirectoryNotFoundException)
            {
                return;
            }
            catch (IOException) when (attempt < 5)
            {
            }
        }
    }

    private static bool IsGone(Exception e) => e is FileNotFoundException or DirectoryNotFoundException;

    private static bool IsProbe(string name) => Guid.TryParseExact(name, "N", out _);

    private string FolderOf(Guid probeId) => Path.Combine(_folder, probeId.ToString("N", CultureInfo.InvariantCulture));

    private string PathOf(Guid probeId, ProbePart part) => Path.Combine(FolderOf(probeId), part switch
    {
        ProbePart.Received => "received",
        ProbePart.Checked => "checked",
        ProbePart.Answer => "answer.json",
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, "There is no such part."),
    });
}
