using System.Buffers.Binary;
using System.IO.Compression;

namespace CpfPipeline.Tests.Benchmarks.Pictures;

/// <summary>PNGs of 8 x 8 pixels: the smallest pictures the pipeline takes, to measure everything but pictures.</summary>
internal static class TinyPng
{
    /// <summary>Pixels a side.</summary>
    public const int Side = 8;

    /// <summary>Bytes of the pixels.</summary>
    public const int PixelBytes = 3 * Side * Side;

    /// <summary>A PNG of these RGB pixels.</summary>
    public static byte[] Of(ReadOnlySpan<byte> rgb)
    {
        using var stream = new MemoryStream();
        stream.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        Chunk(stream, "IHDR"u8, [0, 0, 0, Side, 0, 0, 0, Side, 8, 2, 0, 0, 0]);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var row = 0; row < Side; row++)
            {
                zlib.WriteByte(0);
                zlib.Write(rgb.Slice(row * 3 * Side, 3 * Side));
            }
        }

        Chunk(stream, "IDAT"u8, packed.ToArray());
        Chunk(stream, "IEND"u8, []);
        return stream.ToArray();
    }

    private static void Chunk(MemoryStream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        stream.Write(number);
        stream.Write(type);
        stream.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32(type, data));
        stream.Write(number);
    }

    // CRC-32 as PNG (W3C, annex D) defines it; bit by bit is fast enough for 200 bytes.
    private static uint Crc32(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        var crc = Update(Update(uint.MaxValue, type), data);
        return ~crc;

        static uint Update(uint crc, ReadOnlySpan<byte> bytes)
        {
            foreach (var value in bytes)
            {
                crc ^= value;
                for (var bit = 0; bit < 8; bit++)
                {
                    crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
                }
            }

            return crc;
        }
    }
}
