using CpfPipeline.Matching.Joins;

namespace CpfPipeline.Learning.Evaluation;

/// <summary>
/// Recall@1 and MAP@R (Musgrave et al., A Metric Learning Reality Check, 2020, section 3.2): for a query with R others of its class,
/// the mean over ranks i = 1..R of the precision at i where rank i has the class, else 0. The gallery is all other members and all distractors of the scope; equal
/// similarities rank by content id.
/// </summary>
internal static class Retrieval
{
    // Neighbours held at a time: 64 MB.
    private const int NeighboursATime = 4 << 20;
    private const int QueriesATime = 8_192;

    public static RetrievalFigures Measure(EvaluationSet set, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        var classOf = new Dictionary<long, int>(set.Members.Count);
        for (var row = 0; row < set.Members.Count; row++)
        {
            classOf[set.Members.ContentId(row)] = set.Classes[row];
        }

        var queries = set.MembersByClass.Where(c => c.Count > 1).SelectMany(c => c.Select(row => (Row: row, R: c.Count - 1))).ToList();
        var (done, hits, precision) = (0, 0, 0.0);
        foreach (var scope in set.Scopes)
        {
            var ofScope = set.MemberScopes is { } scopes ? queries.FindAll(q => scopes[q.Row] == scope.Id) : queries;
            var (scopeHits, scopePrecision) = Measure(set, scope, ofScope, classOf, share => progress?.Report((done + (share * ofScope.Count)) / queries.Count), cancellationToken);
            (done, hits, precision) = (done + ofScope.Count, hits + scopeHits, precision + scopePrecision);
        }

        var all = Math.Max(1, queries.Count);
        return new RetrievalFigures(queries.Count, (double)hits / all, precision / all);
    }

    private static (int Hits, double Precision) Measure(
        EvaluationSet set, EvaluationScope scope, List<(int Row, int R)> unordered, Dictionary<long, int> classOf, Action<double> report,
        CancellationToken cancellationToken)
    {
        // Classes of one size together, so that each batch asks for no more neighbours than its queries need; then by id, so that sums do not depend on the
        // order of rows.
        var queries = unordered.OrderBy(q => q.R).ThenBy(q => set.Members.ContentId(q.Row)).ToList();
        var (first, hits, precision) = (0, 0, 0.0);
        while (first < queries.Count)
        {
            var count = 1;
            while (count < QueriesATime && first + count < queries.Count && (long)(count + 1) * queries[first + count].R <= NeighboursATime)
            {
                count++;
            }

            var batch = queries.GetRange(first, count);
            var nearest = Nearest(set, scope, batch, cancellationToken);
            for (var i = 0; i < count; i++)
            {
                var (row, r) = batch[i];
                var relevance = new bool[r];
                var neighbours = nearest.Of(i);
                for (var k = 0; k < r; k++)
                {
                    relevance[k] = classOf.GetValueOrDefault(neighbours[k].ContentId, EvaluationSet.NoClass) == set.Classes[row];
                }

                hits += relevance[0] ? 1 : 0;
                precision += AveragePrecision(relevance);
            }

            first += count;
            report((double)first / queries.Count);
        }

        return (hits, precision);
    }

    /// <summary>Of the first R ranks, by falling similarity.</summary>
    internal static double AveragePrecision(ReadOnlySpan<bool> relevance)
    {
        var (found, sum) = (0, 0.0);
        for (var i = 0; i < relevance.Length; i++)
        {
            if (relevance[i])
            {
                sum += (double)++found / (i + 1);
            }
        }

        return sum / relevance.Length;
    }

    private static NearestNeighbours Nearest(EvaluationSet set, EvaluationScope scope, List<(int Row, int R)> batch, CancellationToken cancellationToken)
    {
        var left = EvaluationSet.Subset(set.Members, [.. batch.Select(q => q.Row)]);
        var nearest = new NearestNeighbours(batch.Count, batch[^1].R, EvaluationSet.LowestSimilarity);
        var join = new BlockJoin(left, -EvaluationSet.LowestSimilarity, nearest);
        join.Accept(scope.Members, static (_, _, _) => { }, cancellationToken);
        if (scope.Gallery.Count > 0)
        {
            join.Accept(scope.Gallery, static (_, _, _) => { }, cancellationToken);
        }

        return nearest;
    }
}
