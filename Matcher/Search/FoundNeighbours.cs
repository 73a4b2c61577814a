using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;

namespace CpfPipeline.Matcher.Search;

/// <summary>What is found around some contents: edges, and the pairs kept for explanation.</summary>
internal sealed class FoundNeighbours
{
    private readonly KeptPairs _kept;
    private readonly BlockJoin _join;
    private readonly Dictionary<long, int> _rows;
    private readonly Dictionary<long, int> _nodes;

    // Nodes of the contents. They differ from the rows when only some of the contents searched for are joined.
    private readonly int[] _ownNodes;
    private readonly List<FoundNeighbours> _parts = [];
    private readonly int _maxThreads;

    /// <param name="contents">The contents.</param>
    /// <param name="verdicts">The verdicts that touch them.</param>
    /// <param name="options">How many pairs are kept.</param>
    /// <param name="threshold">Smallest similarity of an edge.</param>
    /// <param name="maxThreads">Threads at most; 0 means one per processor.</param>
    public FoundNeighbours(EmbeddingMatrix contents, VerdictSet verdicts, MatcherOptions options, double threshold, int maxThreads)
        : this(
            contents, verdicts, maxThreads, new KeptPairs(contents, options, threshold), new EdgeForest(contents.Count),
            [.. Enumerable.Range(0, contents.Count)], [])
    {
    }

    private FoundNeighbours(
        EmbeddingMatrix contents, VerdictSet verdicts, int maxThreads, KeptPairs kept, EdgeForest edges, int[] ownNodes,
        Dictionary<long, int> nodes)
    {
        (Contents, Verdicts, Edges) = (contents, verdicts, edges);
        (_kept, _ownNodes, _nodes, _maxThreads) = (kept, ownNodes, nodes, maxThreads);
        _rows = Enumerable.Range(0, contents.Count).ToDictionary(contents.ContentId);
        _join = kept.NewJoin(maxThreads);
    }

    public EmbeddingMatrix Contents { get; }

    public VerdictSet Verdicts { get; }

    public EdgeForest Edges { get; }

    public int Row(long contentId) => _rows[contentId];

    /// <summary>
    /// Neighbours of some of the contents, to be joined with something from now on. Their edges go into the same forest, and their pairs
    /// are among those of this object.
    /// </summary>
    public FoundNeighbours For(EmbeddingMatrix some)
    {
        var found = new FoundNeighbours(
            some, Verdicts, _maxThreads, _kept.For(some), Edges,
            [.. Enumerable.Range(0, some.Count).Select(row => _ownNodes[_rows[some.ContentId(row)]])], _nodes);
        _parts.Add(found);
        return found;
    }

    /// <summary>
    /// Joins the contents exactly with a block, which may be the contents themselves. Each right content may appear in one block only.
    /// </summary>
    public void Join(EmbeddingMatrix block, CancellationToken cancellationToken)
    {
        var first = ReferenceEquals(block, Contents) ? 0 : Edges.Extend(block.Count);
        int Node(int right) => ReferenceEquals(block, Contents) ? _ownNodes[right] : first + right;
        var core = _ownNodes.Length == 0 ? 0 : _ownNodes.MaxBy(Edges.SizeOf);
        _join.Accept(
            block,
            (left, right, _) =>
            {
                var (a, b) = (Contents.ContentId(left), block.ContentId(right));
                if (!Verdicts.AreDifferent(a, b))
                {
                    Edges.Add(_ownNodes[left], Node(right), a, b);
                }
            },
            (left, right) => Edges.AreConnected(_ownNodes[left], Node(right)),
            new KnownCore(left => Edges.AreConnected(_ownNodes[left], core), right => Edges.AreConnected(Node(right), core)),
            cancellationToken);
    }

    /// <summary>Takes in a pair at or above the threshold that an index found.</summary>
    public void Add(long contentId, long neighbourId, double similarity)
    {
        var row = _rows[contentId];
        _kept.Offer(row, neighbourId, similarity);
        if (Verdicts.AreDifferent(contentId, neighbourId))
        {
            return;
        }

        if (!_nodes.TryGetValue(neighbourId, out var node))
        {
            _nodes.Add(neighbourId, node = Edges.Extend(1));
        }

        Edges.Add(_ownNodes[row], node, contentId, neighbourId);
    }

    /// <summary>The pairs to keep, each once.</summary>
    public HashSet<MatchRow> Pairs()
    {
        var pairs = _kept.ToRows();
        foreach (var part in _parts)
        {
            part._kept.AddTo(pairs);
        }

        return pairs;
    }
}
