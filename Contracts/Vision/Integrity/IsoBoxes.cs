using System.Buffers.Binary;

namespace CpfPipeline.Vision.Integrity;

/// <summary>
/// Whether an AVIF (ISO 14496-12 boxes) is shorter than its outermost boxes say. Used only when libheif has found a fault.
/// </summary>
internal static class IsoBoxes
{
    /// <summary>Null when every box lies within the file, and the descriptions and the data are there.</summary>
    public static Damage? Find(ReadOnlySpan<byte> bytes)
    {
        var (described, filled) = (false, false);
        for (long at = 0; at + 8 <= bytes.Length;)
        {
            var box = bytes[(int)at..];
            long size = BinaryPrimitives.ReadUInt32BigEndian(box);
            size = size switch { 0 => box.Length, 1 when box.Length >= 16 => BinaryPrimitives.ReadInt64BigEndian(box[8..]), _ => size };
            if (size < 8)
            {
                return Damage.Broken("a box of the AVIF is shorter than its own header");
            }

            if (size > box.Length)
            {
                return Damage.Cut($"the AVIF has {bytes.Length} of {at + size} bytes");
            }

            described |= box[4..8].SequenceEqual("meta"u8);
            filled |= box[4..8].SequenceEqual("mdat"u8) || box[4..8].SequenceEqual("idat"u8);
            at += size;
        }

        return described && filled ? null : Damage.Cut("the AVIF ends before its data");
    }
}
