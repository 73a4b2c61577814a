namespace CpfPipeline.Matcher.Stores;

/// <summary>What a transaction changes in a model's groups.</summary>
internal sealed record GroupChanges
{
    /// <summary>Contents that come in.</summary>
    public List<GroupMember> Inserts { get; } = [];

    /// <summary>Whether these were compared exactly with all others, so that nothing is left to reconcile.</summary>
    public bool InsertsAreReconciled { get; set; }

    /// <summary>Members whose row changes.</summary>
    public List<GroupMember> Updates { get; } = [];

    /// <summary>Contents that leave.</summary>
    public List<long> Deletes { get; } = [];

    /// <summary>Components moved as a whole; applied before <see cref="Updates"/>.</summary>
    public List<ComponentMove> Moves { get; } = [];

    /// <summary>Cohesion to write.</summary>
    public List<GroupRow> Groups { get; } = [];

    /// <summary>Groups whose cohesion is deleted.</summary>
    public List<long> DeletedGroups { get; } = [];

    /// <summary>Merges to write.</summary>
    public List<MergeRow> Merges { get; } = [];

    /// <summary><see cref="MergeRow.Right"/> of merges to delete.</summary>
    public List<long> DeletedMerges { get; } = [];

    /// <summary>The events, in order.</summary>
    public List<GroupEvent> Events { get; } = [];

    /// <summary>Whether nothing changes.</summary>
    public bool IsEmpty => Inserts.Count + Updates.Count + Deletes.Count + Moves.Count + Groups.Count + DeletedGroups.Count + Merges.Count
        + DeletedMerges.Count + Events.Count == 0;
}
