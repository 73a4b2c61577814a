namespace CpfPipeline.Tests.Oracle;

/// <summary>The outcome of <see cref="NaiveMatching"/>.</summary>
public sealed record NaivePartition
{
    /// <summary>Content id -> group id (smallest content id of the group).</summary>
    public required IReadOnlyDictionary<long, long> Groups { get; init; }

    /// <summary>Content id -> smallest content id of its connected component.</summary>
    public required IReadOnlyDictionary<long, long> Components { get; init; }

    /// <summary>The merges in order, those of <c>same</c> verdicts first; the smaller cluster id is on the left.</summary>
    public required IReadOnlyList<(long Left, long Right, double Height)> Merges { get; init; }
}
