using CpfPipeline.Matching.Embeddings;

namespace CpfPipeline.Learning.DefaultModels;

/// <summary>One threshold for two wishes: to find edited copies, and to find other drawings of one product.</summary>
/// <param name="Threshold">tau, a similarity.</param>
/// <param name="CopiesF1">Of pairs of one picture; wrong pairs count, pairs of two pictures of one class do not.</param>
/// <param name="KeysF1">Of pairs of two pictures of one class; wrong pairs count, copies do not.</param>
/// <remarks>
/// Copies are found with hardly a wrong pair at a high threshold, drawings best at one where wrong pairs outnumber the copies. The largest F1 of both kinds
/// together would look at drawings alone, as they are more. So copies come first: of the thresholds at which their F1 is at least <see cref="Share"/> of the
/// best, the one that is best for drawings.
/// </remarks>
public sealed record BundledThreshold(double Threshold, double CopiesF1, double KeysF1)
{
    private const double Share = .95;

    private const int StepsPerUnit = 1000;

    // Similarities of unit rows; halves round a little past 1.
    private const int Steps = (2 * StepsPerUnit) + 10;

    /// <summary>Thresholds on each side that F1 is averaged over, 0.015: one measured on few classes has its peak where chance put it.</summary>
    private const int Reach = 15;

    /// <param name="rows">Embeddings with the picture each shows and that picture's class.</param>
    /// <param name="wrongPairsAPicture">How many pictures of other classes a row is compared with where the threshold is to be used, each pair counted once.</param>
    public static BundledThreshold Choose(IReadOnlyList<(Half[] Embedding, int Picture, int Class)> rows, double wrongPairsAPicture)
    {
        var (copies, keys, wrong) = (new long[Steps], new long[Steps], new long[Steps]);
        Parallel.For(0, rows.Count, i =>
        {
            for (var j = i + 1; j < rows.Count; j++)
            {
                var counts = rows[i].Picture == rows[j].Picture ? copies : rows[i].Class == rows[j].Class ? keys : wrong;
                var step = (int)Math.Floor((Similarity.Exact(rows[i].Embedding, rows[j].Embedding) + 1) * StepsPerUnit);
                Interlocked.Increment(ref counts[Math.Clamp(step, 0, Steps - 1)]);
            }
        });
        var weight = wrongPairsAPicture * rows.Count / Math.Max(1, wrong.Sum());
        var (copiesF1, keysF1) = (Smooth(F1(copies, wrong, weight)), Smooth(F1(keys, wrong, weight)));
        var least = Share * copiesF1.Max();
        var best = Enumerable.Range(0, Steps).Where(step => copiesF1[step] >= least).MaxBy(step => keysF1[step]);
        return new BundledThreshold(((double)best / StepsPerUnit) - 1, copiesF1[best], keysF1[best]);
    }

    private static double[] Smooth(double[] values) =>
    [
        .. Enumerable.Range(0, values.Length).Select(i =>
        {
            var (first, last) = (Math.Max(0, i - Reach), Math.Min(values.Length - 1, i + Reach));
            return values[first..(last + 1)].Average();
        }),
    ];

    /// <summary>At each threshold.</summary>
    private static double[] F1(long[] right, long[] wrong, double weight)
    {
        var result = new double[Steps];
        var (all, found, mistaken) = (right.Sum(), 0L, 0L);
        for (var step = Steps - 1; step >= 0; step--)
        {
            found += right[step];
            mistaken += wrong[step];
            result[step] = 2.0 * found / Math.Max(1, found + (weight * mistaken) + all);
        }

        return result;
    }
}
