using System.Buffers.Binary;

namespace CpfPipeline.Tests.Benchmarks.Pictures;

/// <summary>
/// Other bytes of the same picture: a comment segment after the JPEG's start, so that it is another content that costs the same.
/// </summary>
internal static class JpegVariant
{
    /// <summary>Whether the bytes begin as a JPEG does.</summary>
    public static bool IsJpeg(ReadOnlySpan<byte> bytes) => bytes is [0xFF, 0xD8, ..];

    /// <summary>The picture with a comment of eight bytes that holds the number.</summary>
    public static byte[] With(ReadOnlySpan<byte> jpeg, long number)
    {
        var result = new byte[jpeg.Length + 12];
        jpeg[..2].CopyTo(result);
        ReadOnlySpan<byte> comment = [0xFF, 0xFE, 0x00, 0x0A];
        comment.CopyTo(result.AsSpan(2));
        BinaryPrimitives.WriteInt64BigEndian(result.AsSpan(6), number);
        jpeg[2..].CopyTo(result.AsSpan(14));
        return result;
    }
}
