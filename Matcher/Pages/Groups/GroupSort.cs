using CpfPipeline.Matcher.Pages.Addresses;

namespace CpfPipeline.Matcher.Pages.Groups;

/// <summary>An order of the list of groups. Each has an index and ends with the group's id, so a list can be continued anywhere.</summary>
/// <param name="Word">How the address names it.</param>
/// <param name="Name">How the page names it.</param>
/// <param name="Key">SQL of what is sorted by, over <c>cpf.groups g</c>.</param>
/// <param name="KeyKind">What that is.</param>
/// <param name="Descends">Whether both the key and the id fall.</param>
public sealed record GroupSort(string Word, string Name, string Key, ListKey KeyKind, bool Descends)
{
    /// <summary>The weakest merge first: groups that are most likely to be wrong.</summary>
    public static readonly GroupSort Doubt = new("doubt", "Most doubtful", "g.weakest_merge", ListKey.Similarity, false);

    /// <summary>Those with the most pictures first.</summary>
    public static readonly GroupSort Size = new("size", "Largest", "-g.size", ListKey.Count, false);

    /// <summary>Those that changed last first.</summary>
    public static readonly GroupSort Newest = new("newest", "Last changed", "g.changed_at", ListKey.Time, true);

    /// <summary>SQL type of what is sorted by.</summary>
    public string SqlType => KeyKind switch
    {
        ListKey.Similarity => "double precision",
        ListKey.Count => "integer",
        _ => "timestamptz",
    };

    /// <summary>All, as the page offers them.</summary>
    public static IReadOnlyList<GroupSort> All { get; } = [Doubt, Size, Newest];
}
