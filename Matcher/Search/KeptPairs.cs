using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;

namespace CpfPipeline.Matcher.Search;

/// <summary>
/// Collects the pairs kept for explanation (<c>cpf.matches</c>) around some contents while they are joined: the pairs at or above the
/// threshold, up to a limit per content, and the nearest contents down to a floor.
/// </summary>
/// <remarks>
/// Both limits are per content joined, so that the table grows by a bounded number of rows per content. A pair is kept when it is among
/// those of either end. The similarities above the limit are the highest ones; equal ones are decided by the smaller content id.
/// </remarks>
internal sealed class KeptPairs
{
    private readonly EmbeddingMatrix _contents;
    private readonly NearestNeighbours? _nearest;
    private readonly NearestNeighbours _matches;

    /// <param name="contents">The contents.</param>
    /// <param name="options">How many pairs are kept.</param>
    /// <param name="threshold">tau.</param>
    public KeptPairs(EmbeddingMatrix contents, MatcherOptions options, double threshold)
        : this(
            contents, new NearestNeighbours(contents.Count, options.NearestKept, options.NearestFloor(threshold)),
            new NearestNeighbours(contents.Count, options.PairsKept, threshold))
    {
    }

    private KeptPairs(EmbeddingMatrix contents, NearestNeighbours? nearest, NearestNeighbours matches) =>
        (_contents, _nearest, _matches) = (contents, nearest, matches);

    /// <summary>
    /// Keeps pairs at or above the threshold only: for a join with a part of the members, which does not know who is nearest.
    /// </summary>
    public static KeptPairs MatchesOnly(EmbeddingMatrix contents, MatcherOptions options, double threshold) =>
        new(contents, nearest: null, new NearestNeighbours(contents.Count, options.PairsKept, threshold));

    /// <summary>An empty collection with the same limits for other contents.</summary>
    public KeptPairs For(EmbeddingMatrix contents) => new(
        contents, _nearest is null ? null : new NearestNeighbours(contents.Count, _nearest.Limit, _nearest.Floor),
        new NearestNeighbours(contents.Count, _matches.Limit, _matches.Floor));

    /// <summary>An exact join of the contents that fills this collection.</summary>
    /// <param name="maxThreads">Threads at most; 0 means one per processor.</param>
    public BlockJoin NewJoin(int maxThreads = 0) => new(_contents, _matches.Floor, _nearest, maxThreads, matches: _matches);

    /// <summary>Takes in a pair at or above the threshold that was not found by the join.</summary>
    public void Offer(int row, long neighbourId, double similarity) => _matches.Offer(row, neighbourId, similarity);

    /// <summary>The pairs, each once.</summary>
    public HashSet<MatchRow> ToRows()
    {
        var pairs = new HashSet<MatchRow>();
        AddTo(pairs);
        return pairs;
    }

    /// <summary>Adds the pairs to those of other contents, each once.</summary>
    public void AddTo(HashSet<MatchRow> pairs)
    {
        for (var row = 0; row < _contents.Count; row++)
        {
            Add(pairs, row, _matches);
            if (_nearest is not null)
            {
                Add(pairs, row, _nearest);
            }
        }
    }

    private void Add(HashSet<MatchRow> pairs, int row, NearestNeighbours neighbours)
    {
        var contentId = _contents.ContentId(row);
        foreach (var neighbour in neighbours.Of(row))
        {
            pairs.Add(new MatchRow(
                Math.Min(contentId, neighbour.ContentId), Math.Max(contentId, neighbour.ContentId), neighbour.Similarity));
        }
    }
}
