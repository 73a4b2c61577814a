using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Matching.Embeddings;

namespace CpfPipeline.Tests.Benchmarks.Losses;

/// <summary>
/// Similarity less half of each picture's mean similarity to its ten nearest in a fixed background set, as copy detection does it (score
/// normalisation: Douze et al., The 2021 Image Similarity Dataset and Challenge, 2021). It has no index and no exact join, so it is only
/// a baseline.
/// </summary>
internal sealed class BackgroundSimilarity
{
    private const int Nearest = 10;

    private readonly EmbeddingMatrix _background;

    /// <param name="background">Embeddings <c>[B,D]</c> of at least ten pictures.</param>
    public BackgroundSimilarity(EmbeddingMatrix background) => _background = background;

    /// <summary>All unordered pairs of a set's members by falling similarity, and whether both are of one class.</summary>
    public IReadOnlyList<(double Similarity, bool IsRight)> Pairs(EvaluationSet set)
    {
        var rows = set.Members;
        var offsets = new double[rows.Count];
        Parallel.For(0, rows.Count, i =>
        {
            var similarities = new double[_background.Count];
            for (var b = 0; b < similarities.Length; b++)
            {
                similarities[b] = Similarity.Exact(rows.Row(i), _background.Row(b));
            }

            Array.Sort(similarities);
            offsets[i] = similarities.AsSpan(similarities.Length - Nearest).ToArray().Average() / 2;
        });
        var pairs = new (double, bool)[rows.Count * (rows.Count - 1) / 2];
        Parallel.For(0, rows.Count, i =>
        {
            for (var j = 0; j < i; j++)
            {
                pairs[(i * (i - 1) / 2) + j] =
                    (Similarity.Exact(rows.Row(i), rows.Row(j)) - offsets[i] - offsets[j], set.Classes[i] == set.Classes[j]);
            }
        });
        Array.Sort(pairs, (a, b) => b.Item1.CompareTo(a.Item1));
        return pairs;
    }

    /// <summary>F1 of calling the first k pairs right, for every k from 1.</summary>
    public static double[] F1(IReadOnlyList<(double Similarity, bool IsRight)> pairs)
    {
        var (all, right) = (pairs.Count(p => p.IsRight), 0);
        var result = new double[pairs.Count];
        for (var k = 0; k < result.Length; k++)
        {
            right += pairs[k].IsRight ? 1 : 0;
            result[k] = 2.0 * right / (k + 1 + all);
        }

        return result;
    }

    /// <summary>F1 at a threshold.</summary>
    public static double F1At(IReadOnlyList<(double Similarity, bool IsRight)> pairs, double[] f1, double threshold)
    {
        var (low, high) = (0, pairs.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = pairs[middle].Similarity >= threshold ? (middle + 1, high) : (low, middle);
        }

        return low == 0 ? 0 : f1[low - 1];
    }

    /// <summary>The threshold with the best mean of F1 relative to each set's own best.</summary>
    public static double BestThreshold(IReadOnlyList<IReadOnlyList<(double Similarity, bool IsRight)>> sets)
    {
        var curves = sets.Select(s => (Pairs: s, F1: F1(s))).Select(c => (c.Pairs, c.F1, Best: c.F1.Max())).ToList();
        return Enumerable.Range(-1000, 2001).Select(i => i / 1000.0)
            .MaxBy(t => curves.Average(c => F1At(c.Pairs, c.F1, t) / c.Best));
    }
}
