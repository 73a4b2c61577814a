namespace CpfPipeline.Ingest.Feeds;

/// <summary>A feed's file, as it is stored; tells how far it was read.</summary>
/// <param name="path">The file.</param>
/// <param name="findings">Is told.</param>
internal sealed class FeedFileStream(string path, FeedFindings findings) : FileStream(
    path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, FileOptions.Asynchronous | FileOptions.SequentialScan)
{
    private const int BufferBytes = 64 * 1024;

    public override int Read(byte[] buffer, int offset, int count) => Tell(base.Read(buffer, offset, count));

    public override int Read(Span<byte> buffer) => Tell(base.Read(buffer));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Tell(await base.ReadAsync(buffer, cancellationToken));

    private int Tell(int length)
    {
        findings.BytesRead = Position;
        return length;
    }
}
