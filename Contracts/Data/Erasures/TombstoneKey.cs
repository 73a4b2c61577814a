using System.Security.Cryptography;
using System.Text;

namespace CpfPipeline.Data.Erasures;

/// <summary>
/// The secret behind tombstones. With a plain hash, anyone who has an erased picture could still find it. With a keyed hash (HMAC-SHA256)
/// that takes the key as well.
/// </summary>
/// <param name="secret">32 random bytes.</param>
public sealed class TombstoneKey(byte[] secret)
{
    /// <summary>Bytes of a key.</summary>
    public const int Length = 32;

    private readonly byte[] _secret = secret.Length == Length
        ? [.. secret]
        : throw new ArgumentException($"A tombstone key has {Length} bytes, not {secret.Length}.", nameof(secret));

    /// <summary>The keyed hash of a constant. It shows whether two keys are the same.</summary>
    public byte[] Check => Hash("check\0"u8);

    /// <summary>Tombstone of a content.</summary>
    /// <param name="sha256">SHA-256 of its bytes.</param>
    public byte[] OfContent(ReadOnlySpan<byte> sha256) => Hash([.. "content\0"u8, .. sha256]);

    /// <summary>Tombstone of an image.</summary>
    public byte[] OfImage(string source, string externalId) => Hash(Encoding.UTF8.GetBytes($"image\0{source}\0{externalId}"));

    private byte[] Hash(ReadOnlySpan<byte> value) => HMACSHA256.HashData(_secret, value);
}
