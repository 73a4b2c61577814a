using CpfPipeline.Matcher.Search;

namespace CpfPipeline.Matcher.Grouping;

/// <summary>What a group transaction is to bring about.</summary>
internal sealed record GroupRequest
{
    /// <summary>Contents whose membership is to follow from their state.</summary>
    public IReadOnlyCollection<long> ContentIds { get; init; } = [];

    /// <summary>What was found around them before the lock.</summary>
    public required SearchResult Search { get; init; }

    /// <summary>Whether the components of <see cref="ContentIds"/> may have lost edges (a verdict changed).</summary>
    public bool Recompute { get; init; }

    /// <summary>Pairs at or above the threshold whose ends were seen in different components.</summary>
    public IReadOnlyCollection<(long A, long B)> MissedPairs { get; init; } = [];

    /// <summary>Marks of changed verdicts (<c>cpf.model_stale</c>) that are done with this, to delete in the same transaction.</summary>
    public IReadOnlyCollection<long> StaleSeqs { get; init; } = [];

    /// <summary>Contents to mark as reconciled in the same transaction.</summary>
    public IReadOnlyCollection<long> Reconciled { get; init; } = [];

    /// <summary>Position of the last group event known to the join that reconciled them.</summary>
    public long ReconciledAsOfSeq { get; init; }
}
