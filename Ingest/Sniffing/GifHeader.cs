using System.Buffers.Binary;

namespace CpfPipeline.Ingest.Sniffing;

/// <summary>GIF89a: reads the logical screen, and counts the image descriptors by skipping the sub-blocks.</summary>
internal static class GifHeader
{
    public static ImageHeader Parse(ReadOnlySpan<byte> bytes, int enoughFrames)
    {
        if (bytes.Length < 13)
        {
            return ImageHeader.Cut;
        }

        var width = BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]);
        var height = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        var (frames, right, bottom) = Frames(bytes, 13 + ColourTableBytes(bytes[10]), enoughFrames);
        return ImageHeader.Of(Math.Max(width, right), Math.Max(height, bottom), frames);
    }

    // Some encoders leave the logical screen at 0 x 0 or 1 x 1: decoders widen it to the first frame.
    private static (int Count, int Right, int Bottom) Frames(ReadOnlySpan<byte> bytes, int at, int enough)
    {
        var (frames, right, bottom) = (0, 0, 0);
        while (at < bytes.Length && frames < enough)
        {
            switch (bytes[at])
            {
                case 0x21: // Extension: label, sub-blocks.
                    at = SkipSubBlocks(bytes, at + 2);
                    break;
                case 0x2C when at + 10 <= bytes.Length: // Image: descriptor, colour table, code size, sub-blocks.
                    if (frames++ == 0)
                    {
                        right = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + 1)..]) + BinaryPrimitives.ReadUInt16LittleEndian(
                            bytes[(at + 5)..]);
                        bottom = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + 3)..]) + BinaryPrimitives.ReadUInt16LittleEndian(
                            bytes[(at + 7)..]);
                    }

                    at = SkipSubBlocks(bytes, at + 10 + ColourTableBytes(bytes[at + 9]) + 1);
                    break;
                default: // Trailer, or broken from here on: what was counted is what a decoder can reach.
                    return (frames, right, bottom);
            }
        }

        return (frames, right, bottom);
    }

    private static int ColourTableBytes(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 0x07) + 1);

    private static int SkipSubBlocks(ReadOnlySpan<byte> bytes, int at)
    {
        while (at < bytes.Length && bytes[at] != 0)
        {
            at += bytes[at] + 1;
        }

        return at + 1;
    }
}
