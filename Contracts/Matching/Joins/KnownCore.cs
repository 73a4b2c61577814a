namespace CpfPipeline.Matching.Joins;

/// <summary>
/// Rows of which every pair need not be reported, as in a giant component: so that a join does not even name the hundreds of millions of
/// pairs between them. Asked by several threads while pairs are reported; what belongs to it once always does.
/// </summary>
/// <param name="Left">Whether a left row belongs to it.</param>
/// <param name="Right">Whether a row of the block belongs to it.</param>
public sealed record KnownCore(Func<int, bool> Left, Func<int, bool> Right);
