namespace CpfPipeline.Matching.Partitions;

/// <summary>Why a content's group id changed; see <see cref="PartitionDiff"/>.</summary>
public enum PartitionChangeKind
{
    /// <summary>The content was not matched before.</summary>
    Joined,

    /// <summary>The content is no longer matched.</summary>
    Left,

    /// <summary>All that is left of its previous group is now in one group together with what is left of another previous group.</summary>
    Merged,

    /// <summary>What is left of its previous group is now in more than one group, and this content is in one that has another id.</summary>
    Split,

    /// <summary>Same companions, other handle: the smallest content id came or left.</summary>
    Renamed,
}
