using System.Buffers.Binary;

namespace CpfPipeline.Vision.Integrity;

/// <summary>
/// Bits of entropy-coded data: unstuffed, up to the next marker. Past it there are zeros, and <see cref="Overrun"/> says so.
/// </summary>
internal ref struct JpegBits(ReadOnlySpan<byte> bytes, int start)
{
    /// <summary>The number of bits there after <see cref="Fill"/>: the longest code and the longest value behind it.</summary>
    public const int Filled = 32;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private ulong _held; // The next bit is the uppermost one.
    private int _count;
    private int _padding;

    /// <summary>The next byte to be taken in; at a marker, its 0xFF.</summary>
    public int At { get; private set; } = start;

    /// <summary>Whether a bit was read that the file does not have.</summary>
    public readonly bool Overrun => _count < _padding;

    /// <summary>Takes bytes in until <see cref="Filled"/> bits are there, be they padding.</summary>
    public void Fill()
    {
        if (_count >= Filled)
        {
            return;
        }

        if (At + 8 <= _bytes.Length)
        {
            var next = BinaryPrimitives.ReadUInt64BigEndian(_bytes[At..]);
            if (!HasMarkerByte(next))
            {
                // The bits of a byte that is taken in only in part are put there again, the same, by the next call.
                var taken = (64 - _count) / 8;
                _held |= next >> _count;
                _count += 8 * taken;
                At += taken;
                return;
            }
        }

        FillByByte();
    }

    /// <summary>The next bits, 1 to 32, as a number. They must be there.</summary>
    public readonly int Peek(int count) => (int)(_held >> (64 - count));

    /// <summary>Skips bits that are there.</summary>
    public void Skip(int count)
    {
        _held <<= count;
        _count -= count;
    }

    /// <summary>Takes 0 to 16 bits.</summary>
    public int Bits(int count)
    {
        if (count == 0)
        {
            return 0;
        }

        Fill();
        var value = Peek(count);
        Skip(count);
        return value;
    }

    /// <summary>Drops what is left, and goes behind the next restart marker when it is the next marker.</summary>
    /// <param name="number">0 to 7.</param>
    public bool TakeRestart(int number)
    {
        (_held, _count, _padding) = (0, 0, 0);
        var marker = FindMarker();
        var found = marker + 1 < _bytes.Length && _bytes[marker + 1] == 0xD0 + number;
        At = found ? marker + 2 : marker;
        return found;
    }

    // Where a marker begins, or the end of the file.
    private readonly int FindMarker()
    {
        for (var at = At; ; at++)
        {
            var found = at < _bytes.Length ? _bytes[at..].IndexOf((byte)0xFF) : -1;
            if (found < 0 || at + found + 1 >= _bytes.Length)
            {
                return _bytes.Length;
            }

            at += found;
            if (_bytes[at + 1] is not (0 or 0xFF))
            {
                return at;
            }
        }
    }

    private static bool HasMarkerByte(ulong value) => ((~value - 0x0101010101010101) & value & 0x8080808080808080) != 0;

    private void FillByByte()
    {
        // What a fill by eight bytes left below the last whole byte is put there again.
        _held = _count == 0 ? 0 : _held >> (64 - _count) << (64 - _count);
        while (_count <= 56)
        {
            if (At >= _bytes.Length || (_bytes[At] == 0xFF && (At + 1 >= _bytes.Length || _bytes[At + 1] != 0)))
            {
                _padding += 8;
            }
            else
            {
                _held |= (ulong)_bytes[At] << (56 - _count);
                At += _bytes[At] == 0xFF ? 2 : 1;
            }

            _count += 8;
        }
    }
}
