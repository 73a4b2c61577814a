using System.Security.Cryptography;
using System.Text;

namespace CpfPipeline.Data.Ids;

/// <summary>Ids of images: UUID v5 (RFC 9562) of source and external id, so that every service computes the same.</summary>
public static class ImageId
{
    private static readonly Guid Namespace = new("6f0a1c3e-5b1d-5c55-9d1a-2f4b8f0c7a11");

    /// <summary>UUID v5 of <c>source</c>, a zero byte and <c>externalId</c>, in UTF-8.</summary>
    public static Guid From(string source, string externalId)
    {
        var sourceBytes = Encoding.UTF8.GetByteCount(source);
        var input = new byte[16 + sourceBytes + 1 + Encoding.UTF8.GetByteCount(externalId)];
        Namespace.TryWriteBytes(input, bigEndian: true, out _);
        Encoding.UTF8.GetBytes(source, input.AsSpan(16));
        Encoding.UTF8.GetBytes(externalId, input.AsSpan(16 + sourceBytes + 1)); // A zero byte stays between them.
        Span<byte> hash = stackalloc byte[20];
#pragma warning disable CA5350 // SHA-1 is what UUID v5 is defined with; it protects nothing here.
        SHA1.HashData(input, hash);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
