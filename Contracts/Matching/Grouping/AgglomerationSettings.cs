namespace CpfPipeline.Matching.Grouping;

/// <summary>What only the time depends on, so that tests reach every path with few members.</summary>
internal sealed record AgglomerationSettings
{
    /// <summary>Candidates kept a cluster.</summary>
    public int ListLength { get; init; } = 16;

    /// <summary>Clusters from which on the lists are made by one product before the first merge.</summary>
    public int SeedFrom { get; init; } = 256;

    /// <summary>Active clusters for each chain that grows: fewer make more searches at once.</summary>
    public int ActivePerChain { get; init; } = 128;
}
