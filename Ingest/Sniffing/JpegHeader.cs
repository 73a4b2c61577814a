using System.Buffers.Binary;

namespace CpfPipeline.Ingest.Sniffing;

/// <summary>JPEG (ITU T.81 annex B): segments up to the frame header SOFn.</summary>
internal static class JpegHeader
{
    public static ImageHeader Parse(ReadOnlySpan<byte> bytes, int enoughFrames)
    {
        var at = 2;
        while (true)
        {
            if (at >= bytes.Length)
            {
                return ImageHeader.Cut;
            }

            if (bytes[at] != 0xFF)
            {
                // Decoders skip stray bytes between segments.
                at++;
                continue;
            }

            while (at < bytes.Length && bytes[at] == 0xFF)
            {
                at++;
            }

            if (at >= bytes.Length)
            {
                return ImageHeader.Cut;
            }

            var marker = bytes[at++];
            switch (marker)
            {
                case 0x00 or 0x01 or (>= 0xD0 and <= 0xD8):
                    continue; // Stuffing, TEM, restarts, another SOI: no length follows.
                case 0xD9 or 0xDA:
                    return ImageHeader.Broken; // End or scan before the frame header.
            }

            if (at + 2 > bytes.Length)
            {
                return ImageHeader.Cut;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
            if (length < 2)
            {
                return ImageHeader.Broken;
            }

            // SOF0-15 without DHT (C4), JPG (C8) and DAC (CC).
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                return at + 7 > bytes.Length
                    ? ImageHeader.Cut
                    : ImageHeader.Of(
                        width: BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 5)..]),
                        height: BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 3)..]));
            }

            at += length;
        }
    }
}
