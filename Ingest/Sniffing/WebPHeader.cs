using System.Buffers.Binary;

namespace CpfPipeline.Ingest.Sniffing;

/// <summary>WebP (RFC 9649): VP8, VP8L or VP8X; an animation's ANMF chunks are counted.</summary>
internal static class WebPHeader
{
    public static ImageHeader Parse(ReadOnlySpan<byte> bytes, int enoughFrames)
    {
        if (bytes.Length < 30)
        {
            return ImageHeader.Cut;
        }

        var kind = bytes[12..16];
        if (kind.SequenceEqual("VP8 "u8))
        {
            return bytes[23] == 0x9D && bytes[24] == 0x01 && bytes[25] == 0x2A
                ? ImageHeader.Of(BinaryPrimitives.ReadUInt16LittleEndian(bytes[26..]) & 0x3FFF,
                    BinaryPrimitives.ReadUInt16LittleEndian(bytes[28..]) & 0x3FFF)
                : ImageHeader.Broken;
        }

        if (kind.SequenceEqual("VP8L"u8))
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(bytes[21..]);
            return bytes[20] == 0x2F ? ImageHeader.Of((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1) : ImageHeader.Broken;
        }

        if (!kind.SequenceEqual("VP8X"u8))
        {
            return ImageHeader.Broken;
        }

        var width = (bytes[24] | (bytes[25] << 8) | (bytes[26] << 16)) + 1;
        var height = (bytes[27] | (bytes[28] << 8) | (bytes[29] << 16)) + 1;
        var animated = (bytes[20] & 0x02) != 0;
        return ImageHeader.Of(width, height, animated ? CountFrames(bytes, enoughFrames) : 1);
    }

    private static int CountFrames(ReadOnlySpan<byte> bytes, int enough)
    {
        var frames = 0;
        long at = 12;
        while (at + 8 <= bytes.Length && frames < enough)
        {
            var chunk = bytes[(int)at..];
            frames += chunk[..4].SequenceEqual("ANMF"u8) ? 1 : 0;
            var length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            at += 8L + length + (length & 1);
        }

        return frames;
    }
}
