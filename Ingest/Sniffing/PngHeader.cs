using System.Buffers.Binary;

namespace CpfPipeline.Ingest.Sniffing;

/// <summary>PNG: IHDR, and acTL of an animation, which stands before the first IDAT.</summary>
internal static class PngHeader
{
    public static ImageHeader Parse(ReadOnlySpan<byte> bytes, int enoughFrames)
    {
        if (bytes.Length < 33)
        {
            return ImageHeader.Cut;
        }

        if (!bytes[12..16].SequenceEqual("IHDR"u8))
        {
            return ImageHeader.Broken;
        }

        var header = ImageHeader.Of(BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]), BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]));
        long at = 33;
        while (at + 12 <= bytes.Length)
        {
            var chunk = bytes[(int)at..];
            var type = chunk[4..8];
            if (type.SequenceEqual("IDAT"u8))
            {
                break;
            }

            if (type.SequenceEqual("acTL"u8))
            {
                return header with { Frames = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(chunk[8..]), int.MaxValue) };
            }

            at += 12L + BinaryPrimitives.ReadUInt32BigEndian(chunk);
        }

        // Without pixels the file ends too early, whatever its header promises.
        return at + 12 > bytes.Length && header.Problem == HeaderProblem.None ? ImageHeader.Cut : header;
    }
}
