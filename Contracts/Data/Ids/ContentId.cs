using System.Buffers.Binary;

namespace CpfPipeline.Data.Ids;

/// <summary>Ids of contents. They are a function of the bytes alone and do not depend on the order of arrival.</summary>
public static class ContentId
{
    /// <summary>The first 63 bits of a SHA-256, as a non-negative integer.</summary>
    /// <exception cref="ArgumentException">The hash is not 32 bytes long.</exception>
    public static long FromSha256(ReadOnlySpan<byte> sha256)
    {
        if (sha256.Length != 32)
        {
            throw new ArgumentException($"A SHA-256 has 32 bytes, not {sha256.Length}.", nameof(sha256));
        }

        return (long)(BinaryPrimitives.ReadUInt64BigEndian(sha256) >> 1);
    }
}
