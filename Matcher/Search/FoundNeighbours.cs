using CpfPipeline.Data;
using CpfPipeline.Matching;

namespace CpfPipeline.Matcher.Search;

/// <summary>Edges and the pairs kept for explanation.</summary>
internal sealed class FoundNeighbours(EmbeddingMatrix contents, VerdictSet verdicts, int pairsKept, double threshold)
{
    private readonly NearestNeighbours _nearest = new(contents.Count, pairsKept, threshold);
    private readonly Dictionary<long, int> _rows = Enumerable.Range(0, contents.Count).ToDictionary(contents.ContentId);

    public EdgeForest Edges { get; } = new();

    public VerdictSet Verdicts => verdicts;

    public void AddOwn(int left, int right, double similarity)
    {
        _nearest.Offer(right, contents.ContentId(left), similarity);
        Add(left, contents.ContentId(right), similarity);
    }

    public int Row(long contentId) => _rows[contentId];

    public void Add(int row, long neighbourId, double similarity)
    {
        var contentId = contents.ContentId(row);
        _nearest.Offer(row, neighbourId, similarity);
        if (!verdicts.AreDifferent(contentId, neighbourId))
        {
            Edges.Add(contentId, neighbourId);
        }
    }

    public HashSet<MatchRow> Pairs()
    {
        var pairs = new HashSet<MatchRow>();
        for (var row = 0; row < contents.Count; row++)
        {
            foreach (var neighbour in _nearest.Of(row))
            {
                var contentId = contents.ContentId(row);
                pairs.Add(new MatchRow(Math.Min(contentId, neighbour.ContentId), Math.Max(contentId, neighbour.ContentId), neighbour.Similarity));
            }
        }

        return pairs;
    }
}
