namespace CpfPipeline.Ingest.Feeds;

/// <summary>A stream to read that closes what it comes from together with itself.</summary>
/// <param name="inner">What is read.</param>
/// <param name="owner">What is closed with it.</param>
internal sealed class OwningStream(Stream inner, IDisposable owner) : Stream
{
    private uint _read;

    /// <summary>Length that the stream must have, modulo 2^32; null when that is not known. Another one fails at its end.</summary>
    public uint? Length32 { get; init; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count), count);

    public override int Read(Span<byte> buffer) => Count(inner.Read(buffer), buffer.Length);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Count(await inner.ReadAsync(buffer, cancellationToken), buffer.Length);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Count(int length, int wanted)
    {
        _read = unchecked(_read + (uint)length);
        return length == 0 && wanted > 0 && Length32 is { } whole && whole != _read
            ? throw new InvalidDataException("The compressed file ends too early, or holds several members.")
            : length;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            owner.Dispose();
        }

        base.Dispose(disposing);
    }
}
