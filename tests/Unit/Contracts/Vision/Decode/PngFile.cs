using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using CpfPipeline.Tests.Unit.Contracts.Vision.Samples;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Decode;

/// <summary>PNGs of 16 x 16 grey pixels, chunk by chunk, so that each can be wrong in one way.</summary>
internal static class PngFile
{
    private const int Side = 16;

    /// <param name="rows">Rows in the image data; 16 are a whole picture.</param>
    /// <param name="wrongChecksum">Of the chunk of this name.</param>
    public static byte[] Make(int rows = Side, string? wrongChecksum = null)
    {
        using var stream = new MemoryStream();
        stream.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        Write(stream, "IHDR", [0, 0, 0, Side, 0, 0, 0, Side, 8, 0, 0, 0, 0], wrongChecksum);
        Write(stream, "tEXt", "Title\0grey"u8.ToArray(), wrongChecksum);
        Write(stream, "IDAT", Compress(rows), wrongChecksum);
        Write(stream, "IEND", [], wrongChecksum);
        return stream.ToArray();
    }

    /// <summary>
    /// Without its IHDR, so that another chunk lies where width, height and depth are looked for. Found among damaged pictures
    /// (<c>infra/cpf bench decode-mutations</c>): the numbers overflowed.
    /// </summary>
    public static byte[] WithoutHeader(byte value)
    {
        using var stream = new MemoryStream();
        stream.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        Write(stream, "tEXt", [.. Enumerable.Repeat(value, 20)], null);
        Write(stream, "IDAT", Compress(Side), null);
        Write(stream, "IEND", [], null);
        return stream.ToArray();
    }

    private static byte[] Compress(int rows)
    {
        using var stream = new MemoryStream();
        using (var zlib = new ZLibStream(stream, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var y = 0; y < rows; y++)
            {
                zlib.Write([0, .. Enumerable.Range(0, Side).Select(x => (byte)((x * y) + 40))]);
            }
        }

        return stream.ToArray();
    }

    private static void Write(Stream stream, string name, byte[] body, string? wrongChecksum)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, body.Length);
        stream.Write(number);
        byte[] named = [.. Encoding.ASCII.GetBytes(name), .. body];
        stream.Write(named);
        BinaryPrimitives.WriteUInt32BigEndian(number, TestPictures.Crc(named) + (name == wrongChecksum ? 1u : 0));
        stream.Write(number);
    }
}
