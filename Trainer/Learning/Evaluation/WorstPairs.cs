namespace CpfPipeline.Learning.Evaluation;

/// <summary>Keeps the pairs with the highest, or the lowest, similarity; of equals those with the smaller ids, whatever the order of offers.</summary>
internal sealed class WorstPairs(int limit, bool highest)
{
    private readonly SortedSet<ScoredPair> _pairs = new(Comparer<ScoredPair>.Create((left, right) =>
        left.Similarity != right.Similarity ? (highest ? right.Similarity.CompareTo(left.Similarity) : left.Similarity.CompareTo(right.Similarity))
        : left.ContentA != right.ContentA ? left.ContentA.CompareTo(right.ContentA)
        : left.ContentB.CompareTo(right.ContentB)));

    private double _last = double.NaN;

    /// <summary>Worst first.</summary>
    public IReadOnlyList<ScoredPair> Pairs => [.. _pairs];

    public void Offer(long a, long b, double similarity)
    {
        if (_pairs.Count == limit && (highest ? similarity < _last : similarity > _last))
        {
            return;
        }

        _pairs.Add(new ScoredPair(similarity, Math.Min(a, b), Math.Max(a, b)));
        if (_pairs.Count > limit)
        {
            _pairs.Remove(_pairs.Max);
        }

        _last = _pairs.Max.Similarity;
    }

    public void Add(WorstPairs others)
    {
        foreach (var pair in others._pairs)
        {
            Offer(pair.ContentA, pair.ContentB, pair.Similarity);
        }
    }
}
