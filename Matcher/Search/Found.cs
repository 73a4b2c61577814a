using CpfPipeline.Data;
using CpfPipeline.Matching;

namespace CpfPipeline.Matcher.Search;

/// <summary>What is found around some contents: edges, and the pairs kept for explanation.</summary>
internal sealed class Found
{
    private readonly EmbeddingMatrix _contents;
    private readonly VerdictSet _verdicts;
    private readonly NearestNeighbours _nearest;
    private readonly NearestNeighbours _matches;
    private readonly BlockJoin _join;
    private readonly Dictionary<long, int> _rows;
    private readonly Dictionary<long, int> _nodes;

    // Contents' nodes; theirs are not their rows when only some of those searched for are joined.
    private readonly int[] _ownNodes;

    /// <param name="contents">The contents.</param>
    /// <param name="verdicts">The verdicts that touch them.</param>
    /// <param name="options">How many pairs are kept.</param>
    /// <param name="threshold">Smallest similarity of an edge.</param>
    public Found(EmbeddingMatrix contents, VerdictSet verdicts, MatcherOptions options, double threshold)
        : this(
            contents, verdicts, threshold, new NearestNeighbours(contents.Count, options.NearestKept, options.NearestFloor(threshold)),
            new NearestNeighbours(contents.Count, options.PairsKept, threshold), new EdgeForest(contents.Count), [.. Enumerable.Range(0, contents.Count)], [])
    {
    }

    private Found(
        EmbeddingMatrix contents, VerdictSet verdicts, double threshold, NearestNeighbours nearest, NearestNeighbours matches, EdgeForest edges, int[] ownNodes,
        Dictionary<long, int> nodes)
    {
        (_contents, _verdicts, _nearest, _matches, Edges, _ownNodes, _nodes) = (contents, verdicts, nearest, matches, edges, ownNodes, nodes);
        _rows = Enumerable.Range(0, contents.Count).ToDictionary(contents.ContentId);
        _join = new BlockJoin(contents, threshold, nearest, matches: matches);
        Threshold = threshold;
    }

    public double Threshold { get; }

    public int Count => _contents.Count;

    public EdgeForest Edges { get; }

    public int Row(long contentId) => _rows[contentId];

    /// <summary>For some of the contents, what is joined with them from now on; edges go to the same forest. Their pairs are to be asked of the result.</summary>
    public Found For(EmbeddingMatrix some)
    {
        var found = new Found(
            some, _verdicts, Threshold, new NearestNeighbours(some.Count, _nearest.Limit, _nearest.Floor), new NearestNeighbours(some.Count, _matches.Limit, _matches.Floor),
            Edges, [.. Enumerable.Range(0, some.Count).Select(row => _ownNodes[_rows[some.ContentId(row)]])], _nodes);
        _parts.Add(found);
        return found;
    }

    private readonly List<Found> _parts = [];

    /// <summary>Joins the contents exactly with a block, which may be the contents themselves; a content is to come by once.</summary>
    public void Join(EmbeddingMatrix block, CancellationToken cancellationToken)
    {
        var first = ReferenceEquals(block, _contents) ? 0 : Edges.Extend(block.Count);
        int Node(int right) => ReferenceEquals(block, _contents) ? _ownNodes[right] : first + right;
        _join.Accept(
            block,
            (left, right, _) =>
            {
                var (a, b) = (_contents.ContentId(left), block.ContentId(right));
                if (!_verdicts.AreDifferent(a, b))
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
        if (_verdicts.AreDifferent(contentId, neighbourId))
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
            for (var row = 0; row < found.Count; row++)
            {
                var contentId = found._contents.ContentId(row);
                foreach (var kept in new[] { found._nearest, found._matches })
                {
                    foreach (var neighbour in kept.Of(row))
                    {
                        pairs.Add(new MatchRow(Math.Min(contentId, neighbour.ContentId), Math.Max(contentId, neighbour.ContentId), neighbour.Similarity));
                    }
                }
            }
        }

        return pairs;
    }
}
