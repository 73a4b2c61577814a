using System.Buffers.Binary;

namespace CpfPipeline.Vision.Integrity;

/// <summary>
/// The blocks of a GIF (GIF89a): where the first frame lies, whether its codes cover all its rows, and whether the file ends within a
/// block. Cheap enough for every GIF: only the first frame's codes are followed, and no pixels are made of them.
/// </summary>
internal static class GifBlocks
{
    private const int ScreenEnd = 13;
    private const int DescriptorLength = 10;
    private const byte Extension = 0x21;
    private const byte Descriptor = 0x2C;

    /// <summary>The first frame's place; null when the file does not get that far.</summary>
    public static GifFrame? FirstFrame(ReadOnlySpan<byte> bytes) =>
        FindFrame(bytes) is var at && at >= 0 ? FrameAt(bytes, at) : null;

    /// <summary>Null when the first frame is whole and the file ends between blocks. A missing trailer alone is no loss.</summary>
    public static Damage? Find(ReadOnlySpan<byte> bytes)
    {
        var at = FindFrame(bytes);
        if (at == NoFrame)
        {
            return Damage.Broken("the GIF holds no frame");
        }

        if (at < 0)
        {
            return Damage.Cut("the GIF ends before its first frame");
        }

        var frame = FrameAt(bytes, at);
        if (frame.Pixels == 0)
        {
            return Damage.Broken("the first frame of the GIF has no size");
        }

        var data = at + DescriptorLength + ColourTableBytes(bytes[at + 9]);
        if (data >= bytes.Length)
        {
            return Damage.Cut("the GIF ends before the pixels of its first frame");
        }

        // With every pixel there, the end of the frame's own data is no loss.
        return GifCodes.Find(bytes[data..], frame) ?? FindCutBlock(bytes, Math.Min(SkipSubBlocks(bytes, data + 1), bytes.Length));
    }

    private const int NoFrame = -1;
    private const int Ended = -2;

    private static int FindFrame(ReadOnlySpan<byte> bytes)
    {
        var at = bytes.Length < ScreenEnd ? ScreenEnd : ScreenEnd + ColourTableBytes(bytes[10]);
        while (at < bytes.Length && bytes[at] == Extension)
        {
            at = SkipSubBlocks(bytes, at + 2);
        }

        return at >= bytes.Length ? Ended : bytes[at] != Descriptor ? NoFrame : at + DescriptorLength > bytes.Length ? Ended : at;
    }

    private static GifFrame FrameAt(ReadOnlySpan<byte> bytes, int at) => new(
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + 1)..]), BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + 3)..]),
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + 5)..]), BinaryPrimitives.ReadUInt16LittleEndian(bytes[(at + 7)..]));

    private static Damage? FindCutBlock(ReadOnlySpan<byte> bytes, int at)
    {
        while (at < bytes.Length)
        {
            switch (bytes[at])
            {
                case Extension:
                    at = SkipSubBlocks(bytes, at + 2);
                    break;
                case Descriptor when at + DescriptorLength <= bytes.Length:
                    at = SkipSubBlocks(bytes, at + DescriptorLength + ColourTableBytes(bytes[at + 9]) + 1);
                    break;
                default:
                    // The trailer, or bytes after the picture that mean nothing.
                    return bytes[at] == Descriptor ? Damage.Cut("the GIF ends within a later frame") : null;
            }
        }

        return at > bytes.Length ? Damage.Cut("the GIF ends within a block") : null;
    }

    private static int ColourTableBytes(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 0x07) + 1);

    // The position after the empty sub-block. It lies beyond the file's end when that is missing.
    private static int SkipSubBlocks(ReadOnlySpan<byte> bytes, int at)
    {
        while (at < bytes.Length && bytes[at] != 0)
        {
            at += bytes[at] + 1;
        }

        return at + 1;
    }
}
