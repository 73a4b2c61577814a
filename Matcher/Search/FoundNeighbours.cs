using CpfPipeline.Data.Matching;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;

namespace CpfPipeline.Matcher.Search;

/// <summary>What is found around some contents: edges, and the pairs kept for explanation.</summary>
internal sealed class FoundNeighbours
{
    private readonly NearestNeighbours _nearest;
    private readonly NearestNeighbours _matches;
    private readonly BlockJoin _join;
    private readonly Dictionary<long, int> _rows;
    private readonly Dictionary<long, int> _nodes;

    // Nodes of the contents, which are not their rows when only some of those searched for are joined.
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
            contents, verdicts, threshold, maxThreads, new NearestNeighbours(contents.Count, options.NearestKept, options.NearestFloor(threshold)),
            new NearestNeighbours(contents.Count, options.PairsKept, threshold), new EdgeForest(contents.Count), [.. Enumerable.Range(0, contents.Count)], [])
    {
    }

    private FoundNeighbours(
        EmbeddingMatrix contents, VerdictSet verdicts, double threshold, int maxThreads, NearestNeighbours nearest, NearestNeighbours matches, EdgeForest edges, int[] ownNodes,
        Dictionary<long, int> nodes)
    {
        (Contents, Verdicts, Edges) = (contents, verdicts, edges);
        (_nearest, _matches, _ownNodes, _nodes, _maxThreads) = (nearest, matches, ownNodes, nodes, maxThreads);
        _rows = Enumerable.Range(0, contents.Count).ToDictionary(contents.ContentId);
        _join = new BlockJoin(contents, threshold, nearest, maxThreads, matches: matches);
        Threshold = threshold;
    }

    public EmbeddingMatrix Contents { get; }

    public VerdictSet Verdicts { get; }

    private double Threshold { get; }

    public EdgeForest Edges { get; }

    public int Row(long contentId) => _rows[contentId];

    /// <summary>For some of the contents, what is joined with them from now on; edges go to the same forest. Its pairs are among those of this.</summary>
    public FoundNeighbours For(EmbeddingMatrix some)
    {
        var found = new FoundNeighbours(
            some, Verdicts, Threshold, _maxThreads, new NearestNeighbours(some.Count, _nearest.Limit, _nearest.Floor), new NearestNeighbours(some.Count, _matches.Limit, _matches.Floor),
            Edges, [.. Enumerable.Range(0, some.Count).Select(row => _ownNodes[_rows[some.ContentId(row)]])], _nodes);
        _parts.Add(found);
        return found;
    }

    /// <summary>Joins the contents exactly with a block, which may be the contents themselves; a content is to come by once.</summary>
    public void Join(EmbeddingMatrix block, CancellationToken cancellationToken)
    {
        var first = ReferenceEquals(block, Contents) ? 0 : Edges.Extend(block.Count);
        int Node(int right) => ReferenceEquals(block, Contents) ? _ownNodes[right] : first + right;
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
            cancellationToken);
    }

    /// <summary>Takes in a pair at or above the threshold that an index found.</summary>
    public void Add(long contentId, long neighbourId, double similarity)
    {
        var row = _rows[contentId];
        _matches.Offer(row, neighbourId, similarity);
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
        var pairs = new HashSet<MatchRow>();
        foreach (var found in _parts.Append(this))
        {
            KeptPairs.Add(pairs, found.Contents, found._nearest);
            KeptPairs.Add(pairs, found.Contents, found._matches);
        }

        return pairs;
    }
}
