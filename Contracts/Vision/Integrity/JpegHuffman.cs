namespace CpfPipeline.Vision.Integrity;

/// <summary>A Huffman table (T.81 annexes C and F.2.2.3).</summary>
internal sealed class JpegHuffman
{
    private const int Longest = 16;

    /// <summary>What <see cref="Read"/> gives for bits that are no code.</summary>
    public const int NoCode = -1;

    private readonly int[] _firstCode = new int[Longest + 1];
    private readonly int[] _firstValue = new int[Longest + 1];
    private readonly int[] _count = new int[Longest + 1];
    private readonly byte[] _values;

    private JpegHuffman(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> values)
    {
        _values = values.ToArray();
        var (code, at) = (0, 0);
        for (var length = 1; length <= Longest; length++)
        {
            (_firstCode[length], _firstValue[length], _count[length]) = (code, at, counts[length - 1]);
            at += counts[length - 1];
            code = (code + counts[length - 1]) << 1;
        }
    }

    /// <summary>Reads a segment of tables; DC tables go to 0-3, AC tables to 4-7. False when the segment is broken.</summary>
    public static bool TryDefine(ReadOnlySpan<byte> body, JpegHuffman?[] tables)
    {
        while (body.Length >= 1 + Longest)
        {
            var counts = body.Slice(1, Longest);
            var total = 0;
            foreach (var count in counts)
            {
                total += count;
            }

            var (kind, id) = (body[0] >> 4, body[0] & 15);
            if (kind > 1 || id > 3 || total > 256 || body.Length < 1 + Longest + total)
            {
                return false;
            }

            tables[(4 * kind) + id] = new JpegHuffman(counts, body.Slice(1 + Longest, total));
            body = body[(1 + Longest + total)..];
        }

        return body.IsEmpty;
    }

    public int Read(ref JpegBits bits)
    {
        var code = 0;
        for (var length = 1; length <= Longest; length++)
        {
            code = (code << 1) | bits.Bit();
            if (code - _firstCode[length] is var offset && offset >= 0 && offset < _count[length])
            {
                return _values[_firstValue[length] + offset];
            }
        }

        return NoCode;
    }
}
