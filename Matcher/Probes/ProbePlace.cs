namespace CpfPipeline.Matcher.Probes;

/// <summary>Where a probe would be if it were a listing's picture.</summary>
internal abstract record ProbePlace
{
    /// <summary>In a group of its own.</summary>
    /// <param name="Reaching">Members that reach the threshold nevertheless: with their groups as a whole it is not similar enough.</param>
    internal sealed record Alone(int Reaching) : ProbePlace;

    /// <summary>With pictures of these groups, in one group; those with the most companions first.</summary>
    internal sealed record With(IReadOnlyList<ProbeGroup> Groups) : ProbePlace;

    /// <summary>Its very bytes are in a group already.</summary>
    internal sealed record Known(long ContentId, ProbeGroup Group) : ProbePlace;

    /// <summary>It would never be matched: it is of one colour.</summary>
    internal sealed record Blank : ProbePlace;

    /// <summary>So many pictures hang together around it that its group is found in the background only.</summary>
    /// <param name="Size">How many, at least.</param>
    internal sealed record TooMany(int Size) : ProbePlace;
}
