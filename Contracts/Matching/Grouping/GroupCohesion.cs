namespace CpfPipeline.Matching.Grouping;

/// <summary>How tightly a group holds together.</summary>
/// <param name="GroupId">Smallest content id of the group.</param>
/// <param name="Size">Contents in the group.</param>
/// <param name="MinSimilarity">Smallest similarity of any two members, exact; null for a single content.</param>
/// <param name="Medoid">The member with the highest mean similarity to the others; of equal ones the smallest content id.</param>
/// <param name="WeakestMerge">Smallest height of the merges inside; null for a single content.</param>
public sealed record GroupCohesion(long GroupId, int Size, double? MinSimilarity, long Medoid, double? WeakestMerge);
