using System.Buffers.Binary;

namespace CpfPipeline.Ingest.Sniffing;

/// <summary>TIFF 6.0 and BigTIFF: reads the size from the first directory, and counts the directories along their chain.</summary>
internal static class TiffHeader
{
    private const int ImageWidth = 256;
    private const int ImageLength = 257;

    public static ImageHeader Parse(ReadOnlySpan<byte> bytes, int enoughFrames)
    {
        if (bytes.Length < 16)
        {
            return ImageHeader.Cut;
        }

        var reader = new Reader(bytes[0] == (byte)'I', Big: (bytes[0] == (byte)'I' ? bytes[2] : bytes[3]) == 0x2B);
        var directory = reader.Offset(bytes, reader.Big ? 8 : 4);
        long width = 0;
        long height = 0;
        var pages = 0;
        while (directory != 0 && pages < enoughFrames)
        {
            var countBytes = reader.Big ? 8 : 2;
            if (directory < 8 || directory > bytes.Length - countBytes)
            {
                return pages == 0 ? ImageHeader.Cut : ImageHeader.Of(width, height, pages);
            }

            var entries = reader.Big ? reader.Offset(bytes, (int)directory) : reader.Short(bytes, (int)directory);
            var entryBytes = reader.Big ? 20 : 12;
            var end = entries is < 0 or > 65_535 ? long.MaxValue : directory + countBytes + (entries * entryBytes);
            if (end > bytes.Length)
            {
                return pages == 0 ? ImageHeader.Cut : ImageHeader.Of(width, height, pages);
            }

            for (var at = directory + countBytes; pages == 0 && at < end; at += entryBytes)
            {
                switch (reader.Short(bytes, (int)at))
                {
                    case ImageWidth:
                        width = reader.Value(bytes, (int)at);
                        break;
                    case ImageLength:
                        height = reader.Value(bytes, (int)at);
                        break;
                }
            }

            pages++;
            directory = end > bytes.Length - (reader.Big ? 8 : 4) ? 0 : reader.Offset(bytes, (int)end);
        }

        return pages == 0 ? ImageHeader.Broken : ImageHeader.Of(width, height, pages);
    }

    private readonly record struct Reader(bool Little, bool Big)
    {
        public int Short(ReadOnlySpan<byte> bytes, int at) =>
            Little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]) : BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);

        public long Offset(ReadOnlySpan<byte> bytes, int at) => Big
            ? (Little ? BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]) : BinaryPrimitives.ReadInt64BigEndian(bytes[at..]))
            : Long(bytes, at);

        // An entry: tag, type (3 SHORT, 4 LONG, 16 LONG8), count, value.
        public long Value(ReadOnlySpan<byte> bytes, int at)
        {
            var value = at + (Big ? 12 : 8);
            return Short(bytes, at + 2) switch
            {
                3 => Short(bytes, value),
                4 => Long(bytes, value),
                16 when Big => Offset(bytes, value),
                _ => 0,
            };
        }

        private long Long(ReadOnlySpan<byte> bytes, int at) =>
            Little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]) : BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);
    }
}
