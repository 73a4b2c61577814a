using CpfPipeline.Data.Matching;

namespace CpfPipeline.Matcher.Search;

/// <summary>Verdicts in the two forms that grouping asks for.</summary>
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

    /// <summary>Whether a person said that the two are different: then similarity is no edge.</summary>
    public bool AreDifferent(long a, long b) => _different.Count > 0 && _different.Contains(a < b ? (a, b) : (b, a));

    /// <summary>Whether both hold the same verdicts as far as they touch one of the contents.</summary>
    public bool EqualsFor(HashSet<long> contentIds, VerdictSet other)
    {
        bool Touches(Verdict v) => contentIds.Contains(v.ContentA) || contentIds.Contains(v.ContentB);
        return All.Where(Touches).ToHashSet().SetEquals(other.All.Where(Touches));
    }
}
