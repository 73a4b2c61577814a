using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Reports.Html;

namespace CpfPipeline.Learning.Reports.Plots;

/// <summary>
/// How similar pairs of one class and pairs of two classes are. Counts on a logarithmic axis: thousands of positives stay visible beside millions of
/// negatives, and where the two outlines cross, every second pair would be wrong.
/// </summary>
internal static class HistogramPlot
{
    /// <summary>Bars are merged until there are no more than this; narrower ones could not be told apart.</summary>
    public const int MostBars = 160;

    public static Markup? Html(SimilarityHistogram histogram, double threshold)
    {
        var bins = Bins(histogram);
        if (bins.Count == 0)
        {
            return null;
        }

        var most = bins.Max(b => Math.Max(b.Positive, b.Negative));
        var plot = new SvgPlot(
            Axis.Linear("Cosine similarity of the pair", bins[0].From, bins[^1].To, 8),
            Axis.Log("Pairs per bar, log scale", 0.7, Math.Max(10, 1.3 * most), Number.Short));
        Bars(plot, "negative", bins, b => b.Negative, "of two classes");
        Bars(plot, "positive", bins, b => b.Positive, "of one class");
        if (double.IsFinite(threshold))
        {
            plot.Mark(threshold, $"threshold {Number.Share(threshold)}");
        }

        var (positives, negatives) = (bins.Sum(b => b.Positive), bins.Sum(b => b.Negative));
        return PlotFigure.Html(
            "similarities", "Similarity of pairs", plot,
            [
                ("positive", $"one class: {Number.Count(positives)} pairs"),
                ("negative", $"two classes: {Number.Count(negatives)} pairs"),
                ("mark", "the model's threshold"),
            ],
            "Pairs to the right of the threshold are reported as matches. The taller the outline of one class is there against that of two classes, the more of the reported pairs are right.");
    }

    private static void Bars(SvgPlot plot, string kind, List<Bin> bins, Func<Bin, long> count, string what)
    {
        foreach (var bin in bins.Where(b => count(b) > 0))
        {
            plot.Bar(kind, bin.From, bin.To, count(bin), $"{Number.Share(bin.From)} to {Number.Share(bin.To)}: {Number.Count(count(bin))} pairs {what}");
        }

        var floor = plot.Y(0);
        plot.Line($"outline {kind}", bins.SelectMany(b =>
        {
            var height = count(b) > 0 ? plot.Y(count(b)) : floor;
            return new[] { (plot.X(b.From), height), (plot.X(b.To), height) };
        }));
    }

    /// <summary>From the first bin with a pair to the last, merged to at most <see cref="MostBars"/>.</summary>
    private static List<Bin> Bins(SimilarityHistogram histogram)
    {
        var count = Math.Max(histogram.Positive.Count, histogram.Negative.Count);
        long Positive(int i) => i < histogram.Positive.Count ? histogram.Positive[i] : 0;
        long Negative(int i) => i < histogram.Negative.Count ? histogram.Negative[i] : 0;
        var filled = Enumerable.Range(0, count).Where(i => Positive(i) > 0 || Negative(i) > 0).ToList();
        if (filled.Count == 0 || !double.IsFinite(histogram.Low) || !(histogram.Step > 0) || !double.IsFinite(histogram.Step))
        {
            return [];
        }

        var (first, last) = (filled[0], filled[^1]);
        var merged = ((last - first) / MostBars) + 1;
        first -= first % merged; // Edges stay round.
        while (((last - first) / merged) + 1 > MostBars)
        {
            merged++;
        }

        var bins = new List<Bin>();
        for (var start = first; start <= last; start += merged)
        {
            var members = Enumerable.Range(start, Math.Min(merged, count - start)).ToList();
            var low = histogram.Low + (start * histogram.Step);
            bins.Add(new(low, low + (merged * histogram.Step), members.Sum(Positive), members.Sum(Negative)));
        }

        return bins;
    }

    private readonly record struct Bin(double From, double To, long Positive, long Negative);
}
