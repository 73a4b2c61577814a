namespace CpfPipeline.Nights.TrainingSets;

/// <summary>A content that stands for its match group.</summary>
/// <param name="ContentId">The content.</param>
/// <param name="Sha256">Of its bytes.</param>
internal sealed record DistinctPicture(long ContentId, byte[] Sha256)
{
    /// <summary>Its bytes are its key.</summary>
    public ClassKey Key => new(null, Convert.ToHexStringLower(Sha256));
}
