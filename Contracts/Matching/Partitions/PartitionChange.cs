namespace CpfPipeline.Matching.Partitions;

/// <summary>One content's change of group.</summary>
/// <param name="ContentId">The content.</param>
/// <param name="GroupId">Its group now; null when it left.</param>
/// <param name="PreviousGroupId">Its group before; null when it joined.</param>
/// <param name="Kind">Why.</param>
public sealed record PartitionChange(long ContentId, long? GroupId, long? PreviousGroupId, PartitionChangeKind Kind);
