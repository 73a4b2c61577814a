using CpfPipeline.Data.Verdicts;
using CpfPipeline.Matching.Grouping;

namespace CpfPipeline.Matcher.Review;

/// <summary>
/// What verdicts settle: <c>same</c> is transitive, and a <c>different</c> holds between all that is the same as its two ends. Pure.
/// </summary>
internal sealed class SettledPairs
{
    private readonly ConnectedComponents _closures = new();
    private readonly Dictionary<long, int> _nodes = [];
    private readonly HashSet<(long, long)> _different;

    /// <summary>By these verdicts.</summary>
    public SettledPairs(IReadOnlyCollection<Verdict> verdicts)
    {
        foreach (var same in verdicts.Where(v => v.Same))
        {
            _closures.Union(Node(same.ContentA), Node(same.ContentB));
        }

        _different =
        [
            .. verdicts.Where(v => !v.Same).Select(v => (ClosureOf(v.ContentA), ClosureOf(v.ContentB)))
                .SelectMany(p => new[] { p, (p.Item2, p.Item1) }),
        ];
    }

    /// <summary>Whether the verdicts say or imply a word on two contents.</summary>
    public bool Contains(long a, long b) => AreSame(a, b) || AreDifferent(a, b);

    /// <summary>Whether they are the same.</summary>
    public bool AreSame(long a, long b) => ClosureOf(a) == ClosureOf(b);

    /// <summary>Whether they are different.</summary>
    public bool AreDifferent(long a, long b) => _different.Contains((ClosureOf(a), ClosureOf(b)));

    /// <summary>The smallest content that is the same as this one.</summary>
    public long ClosureOf(long contentId) => _nodes.TryGetValue(contentId, out var node) ? _closures.ComponentId(node) : contentId;

    private int Node(long contentId)
    {
        if (!_nodes.TryGetValue(contentId, out var node))
        {
            _nodes[contentId] = node = _closures.Add(contentId);
        }

        return node;
    }
}
