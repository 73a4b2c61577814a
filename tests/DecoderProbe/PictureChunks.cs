using System.Buffers.Binary;

namespace CpfPipeline.Tests.DecoderProbe;

/// <summary>Where a picture's parts lie, as far as they can be followed: PNG, JPEG, WebP and AVIF.</summary>
internal static class PictureChunks
{
    /// <summary>Bytes of a PNG's chunk without its data.</summary>
    public const int PngFrame = 12;

    private const int PngSignature = 8;
    private const int WebPHeader = 12;
    private const int ChunkHeader = 8;
    private const byte StartOfScan = 0xDA;

    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(n =>
    {
        var c = (uint)n;
        for (var k = 0; k < 8; k++)
        {
            c = (c & 1) != 0 ? 0xEDB8_8320 ^ (c >> 1) : c >> 1;
        }

        return c;
    })];

    public static bool IsPng(ReadOnlySpan<byte> file) => file.Length > PngSignature && file[0] == 0x89 && file[1] == (byte)'P';

    public static IReadOnlyList<Chunk> Of(ReadOnlySpan<byte> file) => file switch
    {
        [0x89, (byte)'P', ..] => Png(file),
        [0xFF, 0xD8, ..] => Jpeg(file),
        [(byte)'R', (byte)'I', ..] => WebP(file),
        [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..] => Boxes(file),
        _ => [],
    };

    /// <summary>PNG's CRC-32.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var c = uint.MaxValue;
        foreach (var b in bytes)
        {
            c = Table[(c ^ b) & 0xFF] ^ (c >> 8);
        }

        return ~c;
    }

    private static List<Chunk> Png(ReadOnlySpan<byte> file)
    {
        var chunks = new List<Chunk>();
        for (long at = PngSignature; at + PngFrame <= file.Length;)
        {
            var end = at + PngFrame + BinaryPrimitives.ReadUInt32BigEndian(file[(int)at..]);
            at = Add(chunks, file, at, end, at);
        }

        return chunks;
    }

    private static List<Chunk> Jpeg(ReadOnlySpan<byte> file)
    {
        var chunks = new List<Chunk>();
        for (long at = 2; at + 4 <= file.Length && file[(int)at] == 0xFF && file[(int)at + 1] != StartOfScan;)
        {
            var end = at + 2 + BinaryPrimitives.ReadUInt16BigEndian(file[((int)at + 2)..]);
            at = Add(chunks, file, at, end, at + 2);
        }

        return chunks;
    }

    private static List<Chunk> WebP(ReadOnlySpan<byte> file)
    {
        var chunks = new List<Chunk>();
        for (long at = WebPHeader; at + ChunkHeader <= file.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(file[((int)at + 4)..]);
            at = Add(chunks, file, at, at + ChunkHeader + length + (length & 1), at + 4);
        }

        return chunks;
    }

    private static List<Chunk> Boxes(ReadOnlySpan<byte> file)
    {
        var chunks = new List<Chunk>();
        for (long at = 0; at + ChunkHeader <= file.Length;)
        {
            at = Add(chunks, file, at, at + Math.Max(ChunkHeader, BinaryPrimitives.ReadUInt32BigEndian(file[(int)at..])), at);
        }

        return chunks;
    }

    private static long Add(List<Chunk> chunks, ReadOnlySpan<byte> file, long start, long end, long lengthAt)
    {
        if (end > file.Length)
        {
            return file.Length;
        }

        chunks.Add(new Chunk((int)start, (int)end, (int)lengthAt));
        return end;
    }

    /// <summary>One part.</summary>
    /// <param name="Start">Its first byte.</param>
    /// <param name="End">Behind its last.</param>
    /// <param name="LengthAt">Where its length is written.</param>
    internal readonly record struct Chunk(int Start, int End, int LengthAt);
}
