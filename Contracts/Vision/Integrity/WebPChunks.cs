using System.Buffers.Binary;

namespace CpfPipeline.Vision.Integrity;

/// <summary>Whether a WebP (RFC 9649) is shorter than its RIFF header and chunks say. Used only when libwebp has found a fault.</summary>
internal static class WebPChunks
{
    private const int FirstChunk = 12;
    private const int FrameTag = 3;

    /// <summary>Null when every chunk lies within the file.</summary>
    public static Damage? Find(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FirstChunk + 8)
        {
            return Damage.Cut("the WebP ends within its header");
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) + 8L;
        if (length > bytes.Length)
        {
            return Damage.Cut($"the WebP has {bytes.Length} of {length} bytes");
        }

        for (long at = FirstChunk; at + 8 <= bytes.Length;)
        {
            var chunk = bytes[(int)at..];
            var size = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            if (at + 8 + size > bytes.Length)
            {
                return Damage.Cut($"the WebP ends within a chunk of {size} bytes");
            }

            if (chunk.StartsWith("VP8 "u8) && size >= FrameTag && FirstPartition(chunk[8..]) > size)
            {
                return Damage.Cut("the VP8 data of the WebP end within their first partition");
            }

            at += 8L + size + (size & 1);
        }

        return null;
    }

    // The upper 19 bits of the frame tag (RFC 6386, 9.1).
    private static int FirstPartition(ReadOnlySpan<byte> frame) => (frame[0] | (frame[1] << 8) | (frame[2] << 16)) >> 5;
}
