namespace CpfPipeline.Cli.Verifications;

/// <summary>What was verified, and what was wrong.</summary>
/// <param name="Faults">What was wrong.</param>
/// <param name="BlobsRead">Blobs whose bytes were read.</param>
/// <param name="Members">Members whose groups were recomputed.</param>
/// <param name="Pending">Members that wait to be regrouped, and were left out.</param>
/// <param name="Waiting">What may be on its way, since messages wait, and is counted as no fault.</param>
internal sealed record VerifyOutcome(Faults Faults, long BlobsRead, long Members, long Pending, long Waiting);
