using System.IO.Compression;

namespace CpfPipeline.Ingest.Streams;

/// <summary>
/// Decompresses gzip of one or several members, and fails when it was cut. <see cref="GZipStream"/> itself takes a cut text for a whole
/// one. Here one more member follows the compressed text: what it holds comes out at the end only when everything before it was whole.
/// </summary>
/// <param name="packed">The compressed text; closed with this stream.</param>
internal sealed class WholeGzipStream(Stream packed) : ReadOnlyStream
{
    private static readonly byte[] Seal = [.. "cpf: all of it was read"u8];
    private static readonly byte[] PackedSeal = Pack(Seal);
    private readonly GZipStream _plain = new(new ChainedStream(packed, new MemoryStream(PackedSeal)), CompressionMode.Decompress);
    private readonly byte[] _held = new byte[64 * 1024];
    private int _start;
    private int _end;
    private bool _isOver;

    public override int Read(Span<byte> buffer)
    {
        while (!_isOver && _end - _start <= Seal.Length)
        {
            MakeRoom();
            Take(_plain.Read(_held.AsSpan(_end)));
        }

        return Give(buffer);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!_isOver && _end - _start <= Seal.Length)
        {
            MakeRoom();
            Take(await _plain.ReadAsync(_held.AsMemory(_end), cancellationToken));
        }

        return Give(buffer.Span);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _plain.Dispose();
        }

        base.Dispose(disposing);
    }

    private void MakeRoom()
    {
        _held.AsSpan(_start, _end - _start).CopyTo(_held);
        (_start, _end) = (0, _end - _start);
    }

    private void Take(int length)
    {
        _end += length;
        _isOver = length == 0;
        if (_isOver && !_held.AsSpan(_start, _end - _start).SequenceEqual(Seal))
        {
            throw new InvalidDataException("The compressed file ends too early, or something follows it that is not compressed.");
        }
    }

    // Everything but what may be the seal.
    private int Give(Span<byte> buffer)
    {
        var length = Math.Min(Math.Max(_end - _start - Seal.Length, 0), buffer.Length);
        _held.AsSpan(_start, length).CopyTo(buffer);
        _start += length;
        return length;
    }

    private static byte[] Pack(byte[] text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(text);
        }

        return packed.ToArray();
    }
}
