namespace CpfPipeline.Matching.Grouping;

/// <summary>The groups of a set of contents and the merges that led to them.</summary>
public sealed record AgglomerationResult
{
    internal AgglomerationResult(AgglomerationBasis basis, int closureMerges) => (Basis, ClosureMerges) = (basis, closureMerges);

    /// <summary>Every content's group id (the smallest content id in its group), singletons included.</summary>
    public required IReadOnlyDictionary<long, long> Groups { get; init; }

    /// <summary>The merges in order: those inside closures of <c>same</c> verdicts first, then by falling height.</summary>
    public required IReadOnlyList<AgglomerationMerge> Merges { get; init; }

    /// <summary>How many of the merges are of verdicts.</summary>
    internal int ClosureMerges { get; }

    internal AgglomerationBasis Basis { get; }
}
