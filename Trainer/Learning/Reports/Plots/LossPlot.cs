using CpfPipeline.Learning.Losses;
using CpfPipeline.Learning.Reports.Html;

namespace CpfPipeline.Learning.Reports.Plots;

/// <summary>The loss while training, and what it did to validation.</summary>
internal static class LossPlot
{
    /// <summary>Points of the loss line; more steps than this are averaged.</summary>
    public const int MostPoints = 300;

    public static Markup? Html(IReadOnlyList<LossPoint> training)
    {
        var losses = training.Where(p => double.IsFinite(p.Loss)).OrderBy(p => p.Step).ToList();
        if (losses.Count < 2)
        {
            return null;
        }

        var scores = training.Where(p => p.ValidationF1 is { } f1 && double.IsFinite(f1)).OrderBy(p => p.Step).ToList();
        var (line, averaged) = Averages(losses);
        var (lowest, highest) = (line.Min(p => p.Loss), line.Max(p => p.Loss));
        var room = 0.05 * (highest - lowest);
        var plot = new SvgPlot(
            Axis.Linear("Training step", losses[0].Step, losses[^1].Step, 5),
            Axis.Linear("Loss", Math.Min(0, lowest), highest + room, 5),
            scores.Count == 0 ? null : Axis.Linear("F1 on validation", 0, 1));
        plot.Line("loss", line.Select(p => (plot.X(p.Step), plot.Y(p.Loss))));
        foreach (var (step, loss) in line)
        {
            plot.Target(plot.X(step), plot.Y(loss), $"Step {Number.Count((long)step)}: loss {Number.Write(loss, "0.0000")}");
        }

        var legend = new List<(string, string)> { ("loss", averaged > 1 ? $"loss (left), mean of {averaged} measurements" : "loss (left)") };
        var caption = "The loss that training makes smaller.";
        if (scores.Count > 0)
        {
            var best = scores.MaxBy(p => p.ValidationF1)!;
            plot.Line("score", scores.Select(p => (plot.X(p.Step), plot.YRight(p.ValidationF1!.Value))));
            foreach (var p in scores)
            {
                plot.Dot(
                    p == best ? "score top" : "score", plot.X(p.Step), plot.YRight(p.ValidationF1!.Value), p == best ? 5 : 2.5,
                    $"Step {Number.Count(p.Step)}: F1 on validation {Number.Share(p.ValidationF1!.Value)}");
            }

            legend.Add(("score", "F1 on validation (right)"));
            caption = $"The loss that training makes smaller, and the best F1 at one threshold on classes kept out of training. The best, {Number.Share(best.ValidationF1!.Value)}, was at step {Number.Count(best.Step)}.";
        }

        return PlotFigure.Html("training", "Training", plot, legend, caption);
    }

    private static (List<(double Step, double Loss)> Line, int Averaged) Averages(List<LossPoint> losses)
    {
        var size = ((losses.Count - 1) / MostPoints) + 1;
        return ([.. losses.Chunk(size).Select(c => (c.Average(p => (double)p.Step), c.Average(p => p.Loss)))], size);
    }
}
