using System.Runtime.CompilerServices;

namespace CpfPipeline.Vision.Integrity;

/// <summary>
/// A Huffman table (T.81 annexes C and F.2.2.3). The next ten bits identify most codes. A code says how many bits of a value follow it, so
/// both are skipped in one step.
/// </summary>
internal sealed class JpegHuffman
{
    private const int Longest = 16;
    private const int Looked = 10;
    private const int NothingFound = 0;
    private const int EndOfBlock = 64;
    private const int RunOf16 = 15;

    /// <summary>What <see cref="Read"/> returns for bits that are not a code.</summary>
    public const int NoCode = -1;

    private readonly int[] _firstCode = new int[Longest + 1];
    private readonly int[] _firstValue = new int[Longest + 1];
    private readonly int[] _count = new int[Longest + 1];
    private readonly byte[] _values;
    private readonly ushort[] _steps = new ushort[1 << Looked];

    private JpegHuffman(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> values)
    {
        _values = values.ToArray();
        var (code, at) = (0, 0);
        for (var length = 1; length <= Longest; length++)
        {
            (_firstCode[length], _firstValue[length], _count[length]) = (code, at, counts[length - 1]);
            for (var i = 0; i < counts[length - 1] && length <= Looked; i++)
            {
                var first = (code + i) << (Looked - length);
                if (first < _steps.Length)
                {
                    _steps.AsSpan(first, Math.Min(1 << (Looked - length), _steps.Length - first)).Fill(StepOf(values[at + i], length));
                }
            }

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

    /// <summary>The value of the next code.</summary>
    public int Read(ref JpegBits bits)
    {
        bits.Fill();
        for (var length = 1; length <= Longest; length++)
        {
            var offset = bits.Peek(length) - _firstCode[length];
            if (offset >= 0 && offset < _count[length])
            {
                bits.Skip(length);
                return _values[_firstValue[length] + offset];
            }
        }

        return NoCode;
    }

    /// <summary>Skips the first coefficient of a block. False when the bits are not a code.</summary>
    public bool SkipFirst(ref JpegBits bits)
    {
        var step = NextStep(ref bits);
        if (step == NoCode)
        {
            return false;
        }

        bits.Skip(step & 31);
        return true;
    }

    /// <summary>Skips all coefficients of a sequential block but the first. False when the bits are not a code.</summary>
    public bool SkipCoefficients(ref JpegBits bits)
    {
        for (var k = 1; k < 64;)
        {
            var step = NextStep(ref bits);
            if (step == NoCode)
            {
                return false;
            }

            bits.Skip(step & 31);
            k += step >> 8;
        }

        return true;
    }

    // The step that the next code asks for. A code that the look-up does not know is skipped by reading it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int NextStep(ref JpegBits bits)
    {
        bits.Fill();
        int step = _steps[bits.Peek(Looked)];
        return step != NothingFound ? step : Read(ref bits) is >= 0 and var value ? StepOf((byte)value, 0) : NoCode;
    }

    // Bits and coefficients to skip.
    private static ushort StepOf(byte value, int length)
    {
        var (run, size) = (value >> 4, value & 15);
        var coefficients = size == 0 && run != RunOf16 ? EndOfBlock : run + 1;
        return (ushort)((coefficients << 8) | (length + size));
    }
}
