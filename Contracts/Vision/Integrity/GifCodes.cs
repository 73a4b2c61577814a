namespace CpfPipeline.Vision.Integrity;

/// <summary>Counts the pixels that the codes of a GIF frame stand for (LZW, GIF89a appendix F), without making them.</summary>
internal static class GifCodes
{
    private const int MaxCodes = 4096;
    private const int MaxCodeBits = 12;
    private const int MaxColourBits = 11;

    /// <param name="bytes">From the byte that holds the size of the first codes on.</param>
    /// <param name="frame">How many pixels there should be.</param>
    /// <returns>Null when every row is there. Some encoders leave out the last few pixels of a row.</returns>
    public static Damage? Find(ReadOnlySpan<byte> bytes, GifFrame frame)
    {
        int colourBits = bytes[0];
        if (colourBits is < 1 or > MaxColourBits)
        {
            return Damage.Broken($"the first frame of the GIF has codes of {colourBits} bits");
        }

        var lengths = new int[MaxCodes];
        lengths.AsSpan(0, 1 << colourBits).Fill(1);
        var (clear, end) = (1 << colourBits, (1 << colourBits) + 1);
        var (bits, next, before, pixels) = (colourBits + 1, end + 1, -1, 0L);
        var reader = new Codes(bytes[1..]);
        while (pixels < frame.Pixels)
        {
            var code = reader.Read(bits);
            if (code < 0 || code == end)
            {
                break;
            }

            if (code == clear)
            {
                (bits, next, before) = (colourBits + 1, end + 1, -1);
                continue;
            }

            if (code > next || (code == next && (before < 0 || next == MaxCodes)) || (before < 0 && code > end))
            {
                return Damage.Broken(
                    $"the first frame of the GIF holds a code that stands for nothing, after {pixels} of {frame.Pixels} pixels");
            }

            if (before >= 0 && next < MaxCodes)
            {
                lengths[next++] = lengths[before] + 1;
                bits += next == 1 << bits && bits < MaxCodeBits ? 1 : 0;
            }

            pixels += lengths[code];
            before = code;
        }

        return pixels + frame.Width > frame.Pixels
            ? null
            : Damage.Cut($"the first frame of the GIF ends after {pixels} of {frame.Pixels} pixels");
    }

    private ref struct Codes(ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;
        private int _at;
        private int _left;
        private uint _held;
        private int _count;

        /// <summary>The next code, or -1 behind the last sub-block and at the end of the file.</summary>
        public int Read(int bits)
        {
            while (_count < bits)
            {
                if (_left == 0)
                {
                    if (_at >= _bytes.Length || _bytes[_at] == 0)
                    {
                        return -1;
                    }

                    _left = _bytes[_at++];
                }

                if (_at >= _bytes.Length)
                {
                    return -1;
                }

                _held |= (uint)_bytes[_at++] << _count;
                _count += 8;
                _left--;
            }

            var code = (int)(_held & ((1u << bits) - 1));
            _held >>= bits;
            _count -= bits;
            return code;
        }
    }
}
