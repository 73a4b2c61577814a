namespace CpfPipeline.Ingest.Images;

/// <summary>What a content's row says about its bytes, which are in the blob store already.</summary>
/// <param name="Sha256">SHA-256 of the bytes, 32 bytes.</param>
/// <param name="Format">File format by its header, lower case.</param>
/// <param name="Width">Pixels, as the header says.</param>
/// <param name="Height">Pixels, as the header says.</param>
/// <param name="ByteLength">Bytes.</param>
internal sealed record ContentFacts(byte[] Sha256, string Format, int Width, int Height, long ByteLength)
{
    /// <summary>Whether other bytes lay in the blob store under this hash, which were damaged and are replaced.</summary>
    public bool ReplacesDamaged { get; init; }

    /// <summary>First 63 bits of the hash.</summary>
    public long ContentId { get; } = Data.Ids.ContentId.FromSha256(Sha256);
}
