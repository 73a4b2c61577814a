using NetVips;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Samples;

/// <summary>Small pictures made on the spot.</summary>
internal static class TestPictures
{
    /// <summary>Left part red, the rest blue, with a green bar at the bottom: tells every orientation apart.</summary>
    public static Image Pattern(int width = 120, int height = 80)
    {
        var bytes = new byte[3 * width * height];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var pixel = bytes.AsSpan(3 * ((y * width) + x), 3);
                (pixel[0], pixel[1], pixel[2]) = y >= height * 3 / 4 ? ((byte)0, (byte)200, (byte)0)
                    : x < width / 4 ? ((byte)220, (byte)0, (byte)0) : ((byte)0, (byte)0, (byte)240);
            }
        }

        using var raw = Image.NewFromMemory(bytes, width, height, 3, Enums.BandFormat.Uchar);
        return raw.Copy(interpretation: Enums.Interpretation.Srgb);
    }

    public static byte[] Jpeg(int width = 120, int height = 80)
    {
        using var image = Pattern(width, height);
        return image.JpegsaveBuffer(q: 95);
    }

    public static byte[] Png(int width = 120, int height = 80)
    {
        using var image = Pattern(width, height);
        return image.PngsaveBuffer();
    }

    /// <summary>A PNG whose header promises a size; there are no pixels behind it.</summary>
    public static byte[] PngHeader(int width, int height)
    {
        var png = Png(16, 16);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), width);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), height);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc(png.AsSpan(12, 17)));
        return png;
    }

    /// <summary>As PNG counts it.</summary>
    public static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var i = 0; i < 8; i++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}
