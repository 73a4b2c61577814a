using System.Globalization;
using CpfPipeline.Data.Objects;

namespace CpfPipeline.Data.Probes;

/// <summary>
/// Probes as objects <c>probes/ID/PART</c> of a bucket. A probe begins with an object of its own, which goes first when it ends: who writes
/// a part looks for it before and after.
/// </summary>
/// <param name="objects">The bucket.</param>
public sealed class BucketProbeStore(ObjectStore objects) : IProbeStore
{
    private const string Folder = "probes/";
    private const string Begun = "begun";
    private const int BufferBytes = 64 * 1024;

    /// <inheritdoc/>
    public Task BeginAsync(Guid probeId, CancellationToken cancellationToken) =>
        objects.WriteAsync(FolderOf(probeId) + Begun, Array.Empty<byte>(), cancellationToken);

    /// <inheritdoc/>
    public async Task<long?> ReceiveAsync(Guid probeId, Stream bytes, long maxBytes, CancellationToken cancellationToken)
    {
        // Whoever reads it reads it as a whole as well.
        using var received = new MemoryStream();
        var buffer = new byte[BufferBytes];
        while (await bytes.ReadAsync(buffer, cancellationToken) is var n and > 0)
        {
            if (received.Length + n > maxBytes)
            {
                return null;
            }

            received.Write(buffer, 0, n);
        }

        await objects.WriteAsync(
            KeyOf(probeId, ProbePart.Received), received.GetBuffer().AsMemory(0, (int)received.Length), cancellationToken);
        return received.Length;
    }

    /// <inheritdoc/>
    public async Task<bool> IsWaitedForAsync(Guid probeId, CancellationToken cancellationToken) =>
        await objects.HeadAsync(FolderOf(probeId) + Begun, cancellationToken) is not null;

    /// <inheritdoc/>
    public async Task<byte[]?> ReadAsync(Guid probeId, ProbePart part, CancellationToken cancellationToken)
    {
        await using var stream = await objects.OpenAsync(KeyOf(probeId, part), cancellationToken);
        if (stream is null)
        {
            return null;
        }

        var bytes = new byte[stream.Length];
        try
        {
            await stream.ReadExactlyAsync(bytes, cancellationToken);
            return bytes;
        }
        catch (FileNotFoundException)
        {
            return null; // Ended while it was read.
        }
    }

    /// <inheritdoc/>
    public async Task<bool> ExistsAsync(Guid probeId, ProbePart part, CancellationToken cancellationToken) =>
        await objects.HeadAsync(KeyOf(probeId, part), cancellationToken) is not null;

    /// <inheritdoc/>
    public async Task<bool> WriteAsync(Guid probeId, ProbePart part, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (!await IsWaitedForAsync(probeId, cancellationToken))
        {
            return false;
        }

        await objects.WriteAsync(KeyOf(probeId, part), bytes, cancellationToken);
        if (await IsWaitedForAsync(probeId, cancellationToken))
        {
            return true;
        }

        await DeleteAsync(probeId, cancellationToken); // It ended in between, and may have been deleted before this part was there.
        return false;
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(Guid probeId, CancellationToken cancellationToken)
    {
        var begun = FolderOf(probeId) + Begun;
        await objects.DeleteAsync(begun, key => key == begun, DateTimeOffset.MaxValue, cancellationToken);
        await objects.DeleteAsync(FolderOf(probeId), _ => true, DateTimeOffset.MaxValue, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<int> DeleteOlderAsync(DateTimeOffset begunBefore, CancellationToken cancellationToken)
    {
        // A part whose beginning is gone is the rest of a probe that ended. One whose beginning is young belongs to it.
        var latest = new Dictionary<Guid, DateTimeOffset>();
        var begun = new Dictionary<Guid, DateTimeOffset>();
        await foreach (var listed in objects.ListAllAsync(Folder, cancellationToken))
        {
            if (listed.Key.Split('/') is [_, var name, var part] && Guid.TryParseExact(name, "N", out var id))
            {
                latest[id] = latest.TryGetValue(id, out var known) && known > listed.WrittenAt ? known : listed.WrittenAt;
                if (part == Begun && !listed.IsHidden)
                {
                    begun[id] = listed.WrittenAt;
                }
            }
        }

        var old = latest.Where(p => (begun.TryGetValue(p.Key, out var at) ? at : p.Value) < begunBefore).Select(p => p.Key).ToList();
        foreach (var id in old)
        {
            await DeleteAsync(id, cancellationToken);
        }

        return old.Count;
    }

    private static string FolderOf(Guid probeId) => $"{Folder}{probeId.ToString("N", CultureInfo.InvariantCulture)}/";

    private static string KeyOf(Guid probeId, ProbePart part) => FolderOf(probeId) + part switch
    {
        ProbePart.Received => "received",
        ProbePart.Checked => "checked",
        ProbePart.Answer => "answer.json",
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, "There is no such part."),
    };
}
