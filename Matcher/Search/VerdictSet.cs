using CpfPipeline.Data.Verdicts;
using CpfPipeline.Matching.Grouping;

namespace CpfPipeline.Matcher.Search;

/// <summary>Verdicts in the forms that grouping needs.</summary>
internal sealed class VerdictSet
{
    private readonly HashSet<(long, long)> _different = [];

    public VerdictSet(IReadOnlyList<Verdict> verdicts)
    {
        All = verdicts;
        Same = [.. verdicts.Where(v => v.Same).Select(v => (v.ContentA, v.ContentB))];
        Different = [.. verdicts.Where(v => !v.Same).Select(v => (v.ContentA, v.ContentB))];
        _different = [.. Different];
    }

    public static VerdictSet Empty { get; } = new([]);

    public IReadOnlyList<Verdict> All { get; }

    public IReadOnlyCollection<(long A, long B)> Same { get; }

    public IReadOnlyCollection<(long A, long B)> Different { get; }

    /// <summary>Whether the two have the verdict <c>different</c>. Then they have no edge, however similar they are.</summary>
    public bool AreDifferent(long a, long b) => _different.Count > 0 && _different.Contains(a < b ? (a, b) : (b, a));

    /// <summary>Unites the components of contents with the verdict <c>same</c>.</summary>
    /// <param name="components">The components.</param>
    /// <param name="nodes">Their nodes by content id. Verdicts on other contents are left out.</param>
    public void UniteSame(ConnectedComponents components, IReadOnlyDictionary<long, int> nodes)
    {
        foreach (var (a, b) in Same)
        {
            if (nodes.TryGetValue(a, out var left) && nodes.TryGetValue(b, out var right))
            {
                components.Union(left, right);
            }
        }
    }

    /// <summary>Whether both sets hold the same verdicts on the given contents.</summary>
    public bool EqualsFor(HashSet<long> contentIds, VerdictSet other)
    {
        bool Touches(Verdict v) => contentIds.Contains(v.ContentA) || contentIds.Contains(v.ContentB);
        return All.Where(Touches).ToHashSet().SetEquals(other.All.Where(Touches));
    }
}
