using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Reports.Html;

namespace CpfPipeline.Learning.Reports.Plots;

/// <summary>Where each class would like the threshold to be, against the one that it gets.</summary>
internal static class ClassThresholdPlot
{
    /// <summary>Dots drawn at most; a catalogue may have ten thousand classes.</summary>
    public const int MostDots = 800;

    public static Markup? Html(IReadOnlyList<ClassFigures> classes, double threshold)
    {
        var known = classes.Where(c => double.IsFinite(c.BestThreshold) && double.IsFinite(c.F1)).OrderBy(c => c.F1).ThenBy(c => c.Label, StringComparer.Ordinal).ToList();
        if (known.Count == 0)
        {
            return null;
        }

        var shown = Sample.Evenly(known.Count, MostDots).Select(i => known[i]).ToList();
        var marks = shown.Select(c => c.BestThreshold).Concat(double.IsFinite(threshold) ? [threshold] : []).ToList();
        var room = Math.Max(0.01, 0.03 * (marks.Max() - marks.Min()));
        var plot = new SvgPlot(
            Axis.Linear("Best threshold of the class (cosine similarity)", marks.Min() - room, marks.Max() + room, 6),
            Axis.Linear("F1 of the class at the model's threshold", 0, 1));
        foreach (var c in shown)
        {
            plot.Dot(
                "class", plot.X(c.BestThreshold), plot.Y(c.F1), Math.Clamp(1.4 + (0.6 * Math.Sqrt(c.Images)), 2, 5.5),
                $"{Label.Shorten(c.Label, 60)}: F1 {Number.Share(c.F1)}, best at {Number.Share(c.BestThreshold)}, {Number.Count(c.Images)} pictures");
        }

        if (double.IsFinite(threshold))
        {
            plot.Mark(threshold, $"threshold {Number.Share(threshold)}");
        }

        var sorted = known.Select(c => c.BestThreshold).Order().ToList();
        return PlotFigure.Html(
            "class-thresholds", "Best threshold of each class", plot,
            [
                ("dot", shown.Count < known.Count ? $"a class ({Number.Count(shown.Count)} of {Number.Count(known.Count)} shown); larger with more pictures" : $"a class ({Number.Count(known.Count)}); larger with more pictures"),
                ("mark", "the model's threshold"),
            ],
            $"Half of the classes would do best with a threshold between {Number.Share(Quantile(sorted, 0.25))} and {Number.Share(Quantile(sorted, 0.75))}. Classes far to the left of the line are split by the common threshold, those far to the right are mixed with others.");
    }

    private static double Quantile(List<double> sorted, double share) => sorted[(int)Math.Round(share * (sorted.Count - 1))];
}
