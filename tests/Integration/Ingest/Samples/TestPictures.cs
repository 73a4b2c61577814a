using System.Buffers.Binary;

namespace CpfPipeline.Tests.Integration.Ingest.Samples;

/// <summary>Bytes that a header sniffer takes for pictures, all different.</summary>
internal static class TestPictures
{
    public static byte[] Gif(int n, int side = 64)
    {
        var bytes = new byte[64];
        "GIF89a"u8.CopyTo(bytes);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(6), (short)side);
        BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(8), (short)side);
        bytes[13] = 0x3B;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(20), n);
        return bytes;
    }
}
