using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Reports.Html;

namespace CpfPipeline.Learning.Reports.Plots;

/// <summary>Each class's utility over thresholds, and the mean. The spread of the thin lines at a threshold is what OPIS measures.</summary>
internal static class UtilityPlot
{
    /// <summary>More thresholds than this add bytes, not detail.</summary>
    private const int MostThresholds = 60;

    public static Markup? Html(OperatingPoints points, EvaluationFigures figures)
    {
        var kept = Sample.Evenly(points.Thresholds.Count, MostThresholds).Where(i => double.IsFinite(points.Thresholds[i])).ToList();
        var rows = points.Utilities.Where(r => kept.Count(i => i < r.Count && double.IsFinite(r[i])) > 1).Count();
        if (kept.Count < 2 || (rows == 0 && !points.Mean.Any(double.IsFinite)))
        {
            return null;
        }

        var thresholds = kept.Select(i => points.Thresholds[i]).ToList();
        var (low, high) = (thresholds.Min(), thresholds.Max());
        var near = figures.Threshold >= low - (0.25 * (high - low)) && figures.Threshold <= high + (0.25 * (high - low));
        var least = points.Utilities.Append(points.Mean).SelectMany(r => r).Where(double.IsFinite).Min();
        var plot = new SvgPlot(
            Axis.Linear("Threshold (cosine similarity)", near ? Math.Min(low, figures.Threshold) : low, near ? Math.Max(high, figures.Threshold) : high, 6),
            Axis.Linear("Utility of the class", Math.Clamp(Math.Floor(5 * least) / 5, 0, 0.8), 1));
        for (var row = 0; row < points.Utilities.Count; row++)
        {
            var label = row < points.Labels.Count ? points.Labels[row] : "";
            plot.Line("class", Along(plot, kept, points.Thresholds, points.Utilities[row]), Label.Shorten(label, 60));
        }

        plot.Line("mean", Along(plot, kept, points.Thresholds, points.Mean), "mean over all classes");
        var legend = new List<(string, string)>
        {
            ("class", rows < figures.Classes ? $"a class ({Number.Count(rows)} of {Number.Count(figures.Classes)} shown)" : $"a class ({Number.Count(rows)})"),
            ("mean", "mean over classes"),
        };
        var aside = "";
        if (near)
        {
            plot.Mark(figures.Threshold, $"threshold {Number.Share(figures.Threshold)}");
            legend.Add(("mark", "the model's threshold"));
        }
        else if (double.IsFinite(figures.Threshold))
        {
            aside = $" The model's threshold, {Number.Share(figures.Threshold)}, lies {(figures.Threshold > high ? "to the right" : "to the left")} of this range.";
        }

        return PlotFigure.Html(
            "utilities", "Operating points of the classes", plot, legend,
            $"Utility is the harmonic mean of sensitivity and specificity, from a false acceptance of 10\u00a0% (left) to 1\u00a0% (right). Lines close together mean that one threshold suits all classes; their variance, averaged over thresholds, is OPIS = {Number.Spread(figures.Opis)}.{aside}");
    }

    private static IEnumerable<(double X, double Y)> Along(SvgPlot plot, List<int> kept, IReadOnlyList<double> thresholds, IReadOnlyList<double> values) =>
        kept.Where(i => i < values.Count).Select(i => (plot.X(thresholds[i]), double.IsFinite(values[i]) ? plot.Y(values[i]) : double.NaN));
}
