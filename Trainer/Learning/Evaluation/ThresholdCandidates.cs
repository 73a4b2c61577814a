namespace CpfPipeline.Learning.Evaluation;

/// <summary>
/// The thresholds at which F1 can be largest: the distinct similarities of pairs of one class. (Between two of them a lower threshold only
/// lets wrong pairs in.)
/// </summary>
internal sealed class ThresholdCandidates
{
    // 128 MB of doubles; beyond it candidates are steps of 2^-20, whose F1 is still exact.
    private const long MaxExactPairs = 16_000_000;
    private const double StepsPerUnit = 1 << 20;

    private readonly double[] _rising;

    private ThresholdCandidates(double[] rising, long[] truePositives) => (_rising, TruePositives) = (rising, truePositives);

    /// <summary>By falling threshold.</summary>
    public int Count => _rising.Length;

    /// <summary>Pairs of one class at or above each candidate, by falling threshold.</summary>
    public long[] TruePositives { get; }

    public double this[int index] => _rising[^(index + 1)];

    public static ThresholdCandidates Of(EvaluationSet set, CancellationToken cancellationToken, long maxExactPairs = MaxExactPairs)
    {
        var exact = set.PositivePairs <= maxExactPairs;
        var counts = new Dictionary<double, long>();
        var values = new List<double>();
        set.VisitPositives(
            () => new Collected([], []), (local, _, _, _, similarity) =>
            {
                if (exact)
                {
                    local.Values.Add(similarity);
                    return;
                }

                var step = Math.Floor(similarity * StepsPerUnit) / StepsPerUnit;
                local.Counts[step] = local.Counts.GetValueOrDefault(step) + 1;
            },
            local =>
            {
                values.AddRange(local.Values);
                foreach (var (step, count) in local.Counts)
                {
                    counts[step] = counts.GetValueOrDefault(step) + count;
                }
            },
            cancellationToken);
        values.Sort();
        var (rising, numbers) = exact ? Runs(values) : ([.. counts.Keys.Order()], [.. counts.OrderBy(c => c.Key).Select(c => c.Value)]);
        var truePositives = new long[rising.Count];
        long sum = 0;
        for (var i = 0; i < truePositives.Length; i++)
        {
            truePositives[i] = sum += numbers[^(i + 1)];
        }

        return new ThresholdCandidates([.. rising], truePositives);
    }

    /// <summary>Index of the highest candidate that is at most this similarity; <see cref="Count"/> when all are above.</summary>
    public int IndexAtOrBelow(double similarity)
    {
        var (low, high) = (0, _rising.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_rising[middle] <= similarity)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return _rising.Length - low;
    }

    private static (List<double> Values, List<long> Counts) Runs(List<double> sorted)
    {
        var (values, counts) = (new List<double>(), new List<long>());
        foreach (var value in sorted)
        {
            if (values.Count == 0 || values[^1] != value)
            {
                values.Add(value);
                counts.Add(0);
            }

            counts[^1]++;
        }

        return (values, counts);
    }

    private sealed record Collected(List<double> Values, Dictionary<double, long> Counts);
}
