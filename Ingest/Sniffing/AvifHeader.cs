using System.Buffers.Binary;

namespace CpfPipeline.Ingest.Sniffing;

/// <summary>
/// AVIF (ISO 23008-12): the largest of the sizes that the properties of the items name (meta, iprp, ipco, ispe). A grid's own size is
/// larger than that of its tiles, and a thumbnail's is smaller.
/// </summary>
internal static class AvifHeader
{
    private const int BoxHeader = 8;
    private const int FullBoxHeader = 12;

    public static ImageHeader Parse(ReadOnlySpan<byte> bytes, int enoughFrames)
    {
        if (!TryFind(bytes, "meta"u8, out var meta))
        {
            return ImageHeader.Cut;
        }

        if (meta.Length < 4 || !TryFind(meta[4..], "iprp"u8, out var properties) || !TryFind(properties, "ipco"u8, out var container))
        {
            return ImageHeader.Broken;
        }

        var (width, height) = (0L, 0L);
        while (TryTake(ref container, out var type, out var body))
        {
            if (type.SequenceEqual("ispe"u8) && body.Length >= FullBoxHeader)
            {
                var (w, h) = ((long)BinaryPrimitives.ReadUInt32BigEndian(body[4..]), (long)BinaryPrimitives.ReadUInt32BigEndian(body[8..]));
                (width, height) = w * h > width * height ? (w, h) : (width, height);
            }
        }

        return ImageHeader.Of(width, height);
    }

    private static bool TryFind(ReadOnlySpan<byte> boxes, ReadOnlySpan<byte> wanted, out ReadOnlySpan<byte> body)
    {
        while (TryTake(ref boxes, out var type, out body))
        {
            if (type.SequenceEqual(wanted))
            {
                return true;
            }
        }

        return false;
    }

    // Boxes of 64-bit length hold data, not descriptions: what follows them is of no interest.
    private static bool TryTake(scoped ref ReadOnlySpan<byte> boxes, out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> body)
    {
        type = body = default;
        if (boxes.Length < BoxHeader)
        {
            return false;
        }

        var size = BinaryPrimitives.ReadUInt32BigEndian(boxes);
        if (size < BoxHeader || size > boxes.Length)
        {
            return false;
        }

        type = boxes[4..BoxHeader];
        body = boxes[BoxHeader..(int)size];
        boxes = boxes[(int)size..];
        return true;
    }
}
