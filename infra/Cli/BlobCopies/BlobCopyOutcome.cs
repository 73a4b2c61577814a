namespace CpfPipeline.Cli.BlobCopies;

/// <summary>What a copy of the blobs did.</summary>
/// <param name="Copied">Blobs that were copied.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="There">Blobs that were there.</param>
/// <param name="Removed">Blobs that a former copy had left, and that were erased or collected since.</param>
/// <param name="Damaged">Hashes of blobs whose bytes are not those of their name; they were left out.</param>
internal sealed record BlobCopyOutcome(long Copied, long Bytes, long There, long Removed, IReadOnlyList<string> Damaged);
