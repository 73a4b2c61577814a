namespace CpfPipeline.Vision.Integrity;

/// <summary>
/// Bits of entropy-coded data: unstuffed, up to the next marker. Past it there are zeros, and <see cref="Overrun"/> says so.
/// </summary>
internal ref struct JpegBits(ReadOnlySpan<byte> bytes, int start)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private uint _held;
    private int _count;

    /// <summary>The next byte to be read; at a marker, its 0xFF.</summary>
    public int At { get; private set; } = start;

    /// <summary>A bit was asked for that the file does not have.</summary>
    public bool Overrun { get; private set; }

    public int Bit()
    {
        if (_count == 0)
        {
            Fill();
        }

        return (int)(_held >> --_count) & 1;
    }

    public int Bits(int count)
    {
        var value = 0;
        while (count-- > 0)
        {
            value = (value << 1) | Bit();
        }

        return value;
    }

    /// <summary>Drops what is left of a byte, and goes behind the next restart marker when it is the next marker.</summary>
    /// <param name="number">0 to 7.</param>
    public bool TakeRestart(int number)
    {
        _count = 0;
        while (At + 1 < _bytes.Length)
        {
            if (_bytes[At] != 0xFF || _bytes[At + 1] == 0)
            {
                At++;
            }
            else if (_bytes[At + 1] == 0xFF)
            {
                At++;
            }
            else
            {
                var found = _bytes[At + 1] == 0xD0 + number;
                At += found ? 2 : 0;
                return found;
            }
        }

        return false;
    }

    private void Fill()
    {
        _count = 8;
        if (At >= _bytes.Length)
        {
            (_held, Overrun) = (0, true);
            return;
        }

        _held = _bytes[At];
        if (_held != 0xFF)
        {
            At++;
            return;
        }

        var next = At + 1;
        while (next < _bytes.Length && _bytes[next] == 0xFF)
        {
            next++;
        }

        if (next < _bytes.Length && _bytes[next] == 0)
        {
            At = next + 1;
        }
        else
        {
            (_held, Overrun) = (0, true);
        }
    }
}
