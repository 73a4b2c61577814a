using System.Buffers.Binary;

namespace CpfPipeline.Vision.Integrity;

/// <summary>Whether a TIFF's first directory, or the strips or tiles that it names, lie beyond the end of the file.</summary>
internal static class TiffStrips
{
    private const int StripOffsets = 273;
    private const int StripBytes = 279;
    private const int TileOffsets = 324;
    private const int TileBytes = 325;

    /// <summary>Null when all of it lies within the file.</summary>
    public static Damage? Find(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 16)
        {
            return Damage.Cut("the TIFF ends within its header");
        }

        var little = bytes[0] == (byte)'I';
        var layout = new Layout(little, Big: bytes[little ? 2 : 3] == 0x2B);
        var directory = layout.Word(bytes, layout.Big ? 8 : 4);
        var countBytes = layout.Big ? 8 : 2;
        if (directory < 8)
        {
            return Damage.Broken("the TIFF has no directory");
        }

        if (directory > bytes.Length - countBytes)
        {
            return Damage.Cut("the TIFF's directory lies beyond its end");
        }

        var entries = layout.Big ? layout.Word(bytes, directory) : layout.Short(bytes, directory);
        if (entries < 0 || entries > (bytes.Length - directory - countBytes) / layout.EntryBytes)
        {
            return Damage.Cut("the TIFF ends within its directory");
        }

        var (offsets, lengths) = (Entry.None, Entry.None);
        for (var i = 0; i < entries; i++)
        {
            var at = directory + countBytes + (i * layout.EntryBytes);
            switch (layout.Short(bytes, at))
            {
                case StripOffsets or TileOffsets:
                    offsets = layout.ReadEntry(bytes, at);
                    break;
                case StripBytes or TileBytes:
                    lengths = layout.ReadEntry(bytes, at);
                    break;
            }
        }

        return FindBeyond(bytes, layout, offsets, lengths);
    }

    private static Damage? FindBeyond(ReadOnlySpan<byte> bytes, Layout layout, Entry offsets, Entry lengths)
    {
        var count = Math.Min(offsets.Count, lengths.Count);
        for (var i = 0L; i < count; i++)
        {
            if (layout.Value(bytes, offsets, i) is not { } offset || layout.Value(bytes, lengths, i) is not { } length)
            {
                return Damage.Cut("the TIFF's list of strips lies beyond its end");
            }

            if (offset < 0 || length < 0 || offset > bytes.Length - length)
            {
                return Damage.Cut($"strip {i + 1} of {count} of the TIFF lies beyond its end");
            }
        }

        return null;
    }

    /// <summary>A list of numbers: its type (3 SHORT, 4 LONG, 16 LONG8), their count, and where they lie.</summary>
    private readonly record struct Entry(int Type, long Count, long At)
    {
        public static Entry None { get; }

        public int ValueBytes => Type switch { 3 => 2, 16 => 8, _ => 4 };
    }

    /// <summary>Byte order, and the width of numbers in BigTIFF.</summary>
    private readonly record struct Layout(bool Little, bool Big)
    {
        public int EntryBytes => Big ? 20 : 12;

        public int Short(ReadOnlySpan<byte> bytes, long at) => Little
            ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[(int)at..])
            : BinaryPrimitives.ReadUInt16BigEndian(bytes[(int)at..]);

        public long Word(ReadOnlySpan<byte> bytes, long at) => Big ? Long8(bytes, at) : Long(bytes, at);

        public Entry ReadEntry(ReadOnlySpan<byte> bytes, long at)
        {
            var entry = new Entry(Short(bytes, at + 2), Word(bytes, at + 4), at + (Big ? 12 : 8));
            var inline = entry.Count is >= 0 and < 9 && entry.Count * entry.ValueBytes <= (Big ? 8 : 4);
            return inline ? entry : entry with { At = Word(bytes, entry.At) };
        }

        public long? Value(ReadOnlySpan<byte> bytes, Entry entry, long index)
        {
            var at = entry.At + (index * entry.ValueBytes);
            return at < 0 || at > bytes.Length - entry.ValueBytes
                ? null
                : entry.Type switch { 3 => Short(bytes, at), 16 => Long8(bytes, at), _ => Long(bytes, at) };
        }

        private long Long(ReadOnlySpan<byte> bytes, long at) => Little
            ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[(int)at..])
            : BinaryPrimitives.ReadUInt32BigEndian(bytes[(int)at..]);

        private long Long8(ReadOnlySpan<byte> bytes, long at) => Little
            ? BinaryPrimitives.ReadInt64LittleEndian(bytes[(int)at..])
            : BinaryPrimitives.ReadInt64BigEndian(bytes[(int)at..]);
    }
}
