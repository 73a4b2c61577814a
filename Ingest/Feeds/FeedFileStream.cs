namespace CpfPipeline.Ingest.Feeds;

/// <summary>A feed's file, as it is stored; tells how far it was read.</summary>
/// <param name="path">The file.</param>
/// <param name="findings">Is told.</param>
internal sealed class FeedFileStream(string path, FeedFindings findings) : Stream
{
    private const int BufferBytes = 64 * 1024;

    private readonly FileStream _file = new(
        path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, FileOptions.Asynchronous | FileOptions.SequentialScan);

    private long _reads;

    /// <summary>Bytes that may be read; more are the fault of an archive whose list has no end.</summary>
    public long MaxReads { get; set; } = long.MaxValue;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => _file.Length;

    public override long Position
    {
        get => _file.Position;
        set => _file.Position = value;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer) => Tell(_file.Read(buffer));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Tell(await _file.ReadAsync(buffer, cancellationToken));

    public override long Seek(long offset, SeekOrigin origin) => _file.Seek(offset, origin);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Tell(int length)
    {
        findings.BytesRead = _file.Position;
        _reads += length;
        return _reads <= MaxReads ? length
            : throw new FeedFormatException("The zip archive lists too many files; it must hold exactly one.");
    }
}
