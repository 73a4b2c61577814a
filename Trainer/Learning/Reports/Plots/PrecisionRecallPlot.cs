using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Reports.Html;

namespace CpfPipeline.Learning.Reports.Plots;

/// <summary>Precision over recall as the threshold falls, with the model's operating point and the best one, over lines of equal F1.</summary>
internal static class PrecisionRecallPlot
{
    private static readonly double[] EqualF1 = [0.2, 0.4, 0.6, 0.8];

    public static Markup? Html(IReadOnlyList<PrecisionRecallPoint> curve, EvaluationFigures figures)
    {
        var points = curve.Where(p => double.IsFinite(p.Precision) && double.IsFinite(p.Recall)).ToList();
        if (points.Count < 2)
        {
            return null;
        }

        var plot = new SvgPlot(
            Axis.Linear("Recall", 0, 1), Axis.Linear("Precision", 0, 1),
            Axis.Named("F1 along the dotted line", 0, 1, EqualF1.ToDictionary(f1 => f1 / (2 - f1), f1 => Number.Write(f1, "0.0"))));
        foreach (var f1 in EqualF1)
        {
            DrawEqualF1(plot, f1);
        }

        plot.Line("curve", points.Select(p => (plot.X(p.Recall), plot.Y(p.Precision))));
        foreach (var point in points)
        {
            plot.Target(plot.X(point.Recall), plot.Y(point.Precision), Tip($"Threshold {Number.Share(point.Threshold)}", point.Precision, point.Recall));
        }

        var legend = new List<(string, string)> { ("curve", "one point a threshold") };
        if (Best(points, figures) is { } best)
        {
            plot.Diamond("best", plot.X(best.Recall), plot.Y(best.Precision), 6.5, Tip($"Best F1, threshold {Number.Share(best.Threshold)}", best.Precision, best.Recall));
            legend.Add(("best", $"best F1 {Number.Share(figures.BestF1)}, at {Number.Share(figures.BestThreshold)}"));
        }

        if (double.IsFinite(figures.Precision) && double.IsFinite(figures.Recall))
        {
            plot.Dot("operating", plot.X(figures.Recall), plot.Y(figures.Precision), 5, Tip($"The model's threshold {Number.Share(figures.Threshold)}", figures.Precision, figures.Recall));
            legend.Add(("operating", $"operating point: F1 {Number.Share(figures.F1)}, at {Number.Share(figures.Threshold)}"));
        }

        return PlotFigure.Html(
            "precision-recall", "Precision and recall", plot, legend,
            "A high threshold reports few pairs, most of them right (upper left); a low one finds more and errs more (lower right). Dotted lines join points of equal F1. The nearer the operating point is to the diamond, the better the threshold carried over.");
    }

    /// <summary>The point of the curve at the best threshold: the largest F1, and of equals the one whose threshold is nearest.</summary>
    private static PrecisionRecallPoint? Best(List<PrecisionRecallPoint> points, EvaluationFigures figures) =>
        double.IsFinite(figures.BestThreshold)
            ? points.OrderByDescending(p => Math.Round(F1(p.Precision, p.Recall), 6)).ThenBy(p => Math.Abs(p.Threshold - figures.BestThreshold)).First()
            : null;

    // From F1 = 2PR / (P + R): P = F1 R / (2R - F1), which reaches 1 at R = F1 / (2 - F1).
    private static void DrawEqualF1(SvgPlot plot, double f1)
    {
        var start = f1 / (2 - f1);
        plot.Line("equal", Enumerable.Range(0, 41).Select(i => start + ((1 - start) * i / 40)).Select(r => (plot.X(r), plot.Y(f1 * r / ((2 * r) - f1)))));
    }

    private static string Tip(string what, double precision, double recall) =>
        $"{what}: precision {Number.Share(precision)}, recall {Number.Share(recall)}, F1 {Number.Share(F1(precision, recall))}";

    private static double F1(double precision, double recall) => precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
}
