namespace CpfPipeline.Learning.Evaluation;

/// <summary>All figures of a model on one split. A pure function: the same set, threshold and seed give the same result on every machine.</summary>
/// <remarks>
/// Time is a few blocked joins of all rows with all rows (100,000 x 256: about half a minute each on two cores) and the agglomeration. Memory besides the
/// embeddings: 8 bytes a pair of one class, up to 128 MB; some 3 kB a class; 150 MB at most for the rest. Nothing grows with the square of the rows.
/// </remarks>
public static class ModelEvaluation
{
    /// <param name="set">Members and gallery.</param>
    /// <param name="threshold">tau.</param>
    /// <param name="labels">A name for each class.</param>
    /// <param name="seed">Of the bootstrap, and of the sample in sets of over 20,000 rows.</param>
    /// <param name="progress">Receives steps.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    public static EvaluationResult Measure(
        EvaluationSet set, double threshold, IReadOnlyList<string> labels, int seed, IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        Report("counting pairs", 0);
        var sample = NegativeSample.Of(set, seed);
        var density = SimilarityDensity.Measure(sample, cancellationToken);
        Report("counting pairs", .3);
        var curve = PairCurve.Measure(set, density, cancellationToken: cancellationToken);
        Report("counting pairs", .6);
        var at = ThresholdCounts.Measure(set, threshold, cancellationToken);
        Report("counting pairs", .7);
        var curves = ClassCurves.Measure(set, curve, cancellationToken);
        Report("counting pairs", .9);
        var (opis, points) = OperatingPointSpread.Measure(sample, density, labels, cancellationToken);
        Report("drawing classes", 0);
        var (low, high) = ClassBootstrap.F1Interval(at.Pairs, seed, cancellationToken: cancellationToken);
        var retrieval = Retrieval.Measure(set, Within("finding neighbours"), cancellationToken);
        var bcubed = GroupScore.BcubedF1(set, threshold, at.Components, Within("grouping"), cancellationToken);
        var figures = new EvaluationFigures
        {
            Images = set.Members.Count,
            Classes = set.ClassCount,
            Distractors = set.Gallery.Count,
            Threshold = threshold,
            RecallAt1 = retrieval.RecallAt1,
            MapAtR = retrieval.MapAtR,
            Precision = at.Precision,
            Recall = at.Recall,
            F1 = at.F1,
            BestF1 = curve.BestF1,
            BestThreshold = curve.BestThreshold,
            BcubedF1 = bcubed,
            Opis = opis,
            F1Interval = [low, high],
            F1PlateauWidth = curve.PlateauWidth,
            PairsPerImage = (double)(at.Pairs.TruePositives + at.Pairs.FalsePositives) / Math.Max(1, set.Members.Count),
            LargestComponent = Enumerable.Range(0, at.Components.Count).Select(at.Components.ComponentSize).DefaultIfEmpty(0).Max(),
        };
        return new EvaluationResult
        {
            Figures = figures,
            Histogram = density.Histogram(),
            PrecisionRecall = density.PrecisionRecall(),
            Classes = [.. Enumerable.Range(0, set.MembersByClass.Count).Where(c => set.MembersByClass[c].Count > 0).Select(c => Figures(set, at, curves, c, labels[c]))],
            OperatingPoints = points,
            FalseMatches = at.FalseMatches,
            Misses = at.Misses,
            Pairs = at.Pairs,
        };

        void Report(string step, double share) => progress?.Report(new EvaluationProgress(step, share));
        IProgress<double>? Within(string step) => progress is null ? null : new Step(share => Report(step, share));
    }

    private static ClassFigures Figures(EvaluationSet set, ThresholdCounts at, ClassCurves curves, int c, string label)
    {
        var images = set.MembersByClass[c].Count;
        var positives = (long)images * (images - 1) / 2;
        var (right, wrong) = ((double)at.TruePositives[c], (double)at.FalsePositives[c]);
        return new ClassFigures(
            label, images, right == 0 ? 0 : right / (right + wrong), right == 0 ? 0 : right / positives,
            right == 0 ? 0 : 2 * right / (right + wrong + positives), curves.BestThreshold(c, Math.Max(1, positives)));
    }

    private sealed class Step(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
