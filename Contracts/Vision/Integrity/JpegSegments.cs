using System.Buffers.Binary;

namespace CpfPipeline.Vision.Integrity;

/// <summary>
/// The marker segments of a JPEG (ITU T.81 annex B) in their order; entropy-coded data and stray bytes between are skipped.
/// </summary>
internal ref struct JpegSegments(ReadOnlySpan<byte> bytes)
{
    public const byte StartOfImage = 0xD8;
    public const byte EndOfImage = 0xD9;
    public const byte StartOfScan = 0xDA;
    public const byte HuffmanTables = 0xC4;
    public const byte RestartInterval = 0xDD;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>The marker's second byte.</summary>
    public byte Marker { get; private set; }

    /// <summary>What follows the length; empty for markers without one.</summary>
    public ReadOnlySpan<byte> Body { get; private set; }

    /// <summary>Where the segment ends: after a start of scan, its entropy-coded data begin here.</summary>
    public int End { get; private set; }

    /// <summary>SOF0 to SOF15 without DHT, JPG and DAC.</summary>
    public readonly bool IsFrameHeader => Marker is >= 0xC0 and <= 0xCF and not (HuffmanTables or 0xC8 or 0xCC);

    /// <summary>False at the end of the file, also when a segment is longer than the file.</summary>
    public bool Next()
    {
        var at = End;
        while (true)
        {
            var found = at < _bytes.Length ? _bytes[at..].IndexOf((byte)0xFF) : -1;
            if (found < 0 || at + found + 1 >= _bytes.Length)
            {
                return false;
            }

            at += found + 1;
            // Stuffing, fill bytes, TEM and restarts are no segments.
            if (_bytes[at] is not (0x00 or 0x01 or 0xFF or (>= 0xD0 and <= 0xD7)))
            {
                break;
            }

            at += _bytes[at] == 0xFF ? 0 : 1;
        }

        Marker = _bytes[at];
        Body = [];
        End = at + 1;
        if (Marker is StartOfImage or EndOfImage)
        {
            return true;
        }

        if (End + 2 > _bytes.Length)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(_bytes[End..]);
        if (length < 2 || End + length > _bytes.Length)
        {
            return false;
        }

        Body = _bytes.Slice(End + 2, length - 2);
        End += length;
        return true;
    }

    /// <summary>Goes on from here.</summary>
    public void SkipTo(int end) => End = end;
}
