namespace CpfPipeline.Learning.Evaluation;

/// <summary>Pairs counted by similarity over the whole range, in steps of 2^-16: those of one class exactly, those of two from a <see cref="NegativeSample"/>.</summary>
public sealed class SimilarityDensity
{
    private const int StepsAUnit = 1 << 16;
    private const double Lowest = -1.25;
    private const int Bins = (int)(-2 * Lowest * StepsAUnit);
    private const double ReportStep = .02;
    private const int MostPoints = 500;

    // At or above the lower edge of each bin. Negatives in halves: see NegativeSample.Join.
    private readonly long[] _positives;
    private readonly long[] _halfNegatives;
    private readonly double _scale;

    private SimilarityDensity(long[] positives, long[] halfNegatives, double scale)
    {
        (_positives, _halfNegatives, _scale) = (Cumulate(positives), Cumulate(halfNegatives), scale);
    }

    /// <summary>All pairs of two classes, estimated when they were sampled.</summary>
    public double NegativePairs => _halfNegatives[0] * _scale;

    public static SimilarityDensity Measure(NegativeSample sample, CancellationToken cancellationToken = default)
    {
        var (positives, negatives) = (new long[Bins], new long[Bins]);
        sample.Set.VisitPositives(
            () => new long[Bins], (counts, _, _, _, similarity) => counts[Bin(similarity)]++, counts =>
            {
                for (var bin = 0; bin < Bins; bin++)
                {
                    positives[bin] += counts[bin];
                }
            },
            cancellationToken);
        sample.Join(
            EvaluationSet.LowestSimilarity, (_, isGallery, similarity) => negatives[Bin(similarity)] += isGallery ? 2 : 1, cancellationToken);
        return new SimilarityDensity(positives, negatives, .5 / sample.Rate);
    }

    /// <summary>The highest step at or above which at least this share of the pairs of two classes lies; null when there are none.</summary>
    public double? FalseAcceptanceQuantile(double share)
    {
        if (_halfNegatives[0] == 0)
        {
            return null;
        }

        return HighestStep(bin => _halfNegatives[bin] >= share * _halfNegatives[0]);
    }

    /// <summary>The highest step at or above which at least so many weighted pairs lie; null when there are fewer in all.</summary>
    public double? HighestWith(double pairs, double negativeWeight)
    {
        bool Reaches(int bin) => _positives[bin] + (_halfNegatives[bin] * _scale * negativeWeight) >= pairs;
        return Reaches(0) ? HighestStep(Reaches) : null;
    }

    /// <summary>The best weighted F1 at any step.</summary>
    public double BestF1(double negativeWeight)
    {
        var best = 0.0;
        for (var bin = 0; bin < Bins; bin++)
        {
            best = Math.Max(best, 2 * _positives[bin] / (_positives[bin] + (_halfNegatives[bin] * _scale * negativeWeight) + _positives[0]));
        }

        return double.IsNaN(best) ? 0 : best;
    }

    public SimilarityHistogram Histogram()
    {
        var perBin = (int)Math.Round(ReportStep * StepsAUnit);
        var edges = Enumerable.Range(0, (int)Math.Round(2 / ReportStep) + 1).Select(i => Bin(-1) + (i * perBin)).ToArray();
        var positive = edges.Select((edge, i) => Between(_positives, i, 1)).ToList();
        var negative = edges.Select((edge, i) => Between(_halfNegatives, i, _scale)).ToList();
        var from = Math.Max(0, Enumerable.Range(0, edges.Length).FirstOrDefault(i => positive[i] + negative[i] > 0));
        var to = Enumerable.Range(0, edges.Length).LastOrDefault(i => positive[i] + negative[i] > 0);
        return new SimilarityHistogram(-1 + (from * ReportStep), ReportStep, positive[from..(to + 1)], negative[from..(to + 1)]);

        // Everything below the first edge or above the last counts in the outermost bins.
        long Between(long[] counts, int i, double scale) =>
            (long)Math.Round(((i == 0 ? counts[0] : counts[edges[i]]) - (i + 1 < edges.Length ? counts[edges[i + 1]] : 0)) * scale);
    }

    /// <summary>By falling threshold, evenly spaced in recall.</summary>
    public IReadOnlyList<PrecisionRecallPoint> PrecisionRecall()
    {
        var points = new List<PrecisionRecallPoint>();
        var next = 1.0;
        for (var bin = Bins - 1; bin >= 0 && _positives[0] > 0; bin--)
        {
            if (_positives[bin] < next)
            {
                continue;
            }

            points.Add(new PrecisionRecallPoint(
                Threshold(bin), _positives[bin] / (_positives[bin] + (_halfNegatives[bin] * _scale)), (double)_positives[bin] / _positives[0]));
            if (_positives[bin] == _positives[0])
            {
                break;
            }

            next = _positives[bin] + Math.Max(1, (double)_positives[0] / MostPoints);
        }

        return points;
    }

    /// <summary>The step a similarity lies in.</summary>
    internal static double StepOf(double similarity) => Threshold(Bin(similarity));

    private static int Bin(double similarity) => Math.Clamp((int)Math.Floor((similarity - Lowest) * StepsAUnit), 0, Bins - 1);

    private static double Threshold(int bin) => Lowest + ((double)bin / StepsAUnit);

    private static double HighestStep(Func<int, bool> reaches)
    {
        var bin = Bins - 1;
        while (!reaches(bin))
        {
            bin--;
        }

        return Threshold(bin);
    }

    private static long[] Cumulate(long[] counts)
    {
        for (var bin = counts.Length - 2; bin >= 0; bin--)
        {
            counts[bin] += counts[bin + 1];
        }

        return counts;
    }
}
