namespace CpfPipeline.Matcher.Probes;

/// <summary>Where a probe would be if it were a listing's picture.</summary>
public abstract record ProbePlace
{
    /// <summary>In a group of its own.</summary>
    /// <param name="Reaching">Members that reach the threshold nevertheless: with their groups as a whole it is not similar enough.</param>
    public sealed record Alone(int Reaching) : ProbePlace;

    /// <summary>With pictures of these groups, in one group; those with the most companions first.</summary>
    public sealed record WithGroups(IReadOnlyList<ProbeGroup> Groups) : ProbePlace;

    /// <summary>Its very bytes are in a group already.</summary>
    public sealed record Known(long ContentId, ProbeGroup Group) : ProbePlace;

    /// <summary>It would never be matched: its very bytes are a placeholder.</summary>
    public sealed record PlaceholderBytes : ProbePlace;

    /// <summary>It would never be matched: it is of one colour.</summary>
    public sealed record Blank : ProbePlace;

    /// <summary>So many pictures hang together around it that its group is found in the background only.</summary>
    /// <param name="Size">How many, at least.</param>
    public sealed record TooMany(int Size) : ProbePlace;
}
