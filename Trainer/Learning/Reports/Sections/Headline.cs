using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Reports.Html;

namespace CpfPipeline.Learning.Reports.Sections;

/// <summary>The figures that decide, each with a sentence that needs no textbook.</summary>
internal static class Headline
{
    public static Markup Html(EvaluationFigures figures) => $"""
        <section aria-labelledby="figures">
        <h2 id="figures">Figures</h2>
        <div class="cards">
        {F1(figures)}
        {Transfer(figures)}
        {Card(
            "Precision", Number.Share(figures.Precision),
            $"Of 100 pairs that the model reports, about {Hundred(figures.Precision)} are of one class.")}
        {Card(
            "Recall", Number.Share(figures.Recall),
            $"Of 100 pairs that are of one class, the model reports about {Hundred(figures.Recall)}.")}
        {Card(
            "Recall@1", Number.Share(figures.RecallAt1),
            "Share of pictures whose most similar other picture is of their class; no threshold takes part.")}
        {Card(
            "MAP@R", Number.Share(figures.MapAtR),
            "How completely a picture's own class comes first in its list of the most similar ones; 1 is a perfect order.")}
        {Card(
            "B-cubed F1", Number.Share(figures.BcubedF1),
            $"How well the match groups agree with the classes, seen from each picture; the largest connected "
                + $"component has {Number.Count(figures.LargestComponent)} pictures.")}
        {Card(
            "OPIS", Number.Spread(figures.Opis),
            "How differently the classes behave at a common threshold (a variance); the smaller, the better one threshold suits them all.")}
        {Card(
            "Plateau", Number.Share(figures.F1PlateauWidth),
            $"The threshold may move within a range this wide and F1 stays at {Number.Percent(0.95)} of its best or more.")}
        {Card(
            "Pairs per picture", Number.OneDecimal(figures.PairsPerImage),
            "Reported pairs for each picture of the split; a number that grows with the catalogue means a threshold that is too low.")}
        </div>
        </section>

        """;

    private static Markup F1(EvaluationFigures figures)
    {
        var interval = figures.F1Interval is [var low, var high] && double.IsFinite(low) && double.IsFinite(high)
            ? (Low: low, High: high)
            : ((double Low, double High)?)null;
        var sentence =
            "One number for how many reported pairs are right and how many true pairs are reported, over all pairs at the one threshold"
            + (interval is { } i
                ? $"; with other classes of this kind, 95 times in 100, it would lie between {Number.Share(i.Low)} and "
                    + $"{Number.Share(i.High)}."
                : ".");
        Markup? strip = interval is { } span && double.IsFinite(figures.F1)
            ? (Markup)$"""
                <div class="strip" aria-hidden="true"><span class="span"
                style="left:{At(span.Low)}%;width:{At(span.High) - At(span.Low)}%"></span><span class="at"
                style="left:{At(figures.F1)}%"></span><span class="ends">0</span><span class="ends end">1</span></div>
                """
            : null;
        Markup range = interval is { } r
            ? (Markup)$"""<span class="range">{Number.Percent(0.95)}: {Number.Share(r.Low)} – {Number.Share(r.High)}</span>"""
            : Markup.Empty;
        return $"""
            <div class="card lead"><h3>F1</h3><p class="value">{Number.Share(figures.F1)} {range}</p>{strip}<p>{sentence}</p></div>
            """;
    }

    private static Markup Transfer(EvaluationFigures figures)
    {
        var cost = Math.Max(0, figures.BestF1 - figures.F1);
        var kept = figures.F1 / figures.BestF1;
        Markup range = $"""<span class="range">{Number.Percent(kept)} of the best F1, {Number.Share(figures.BestF1)}</span>""";
        Markup? strip = double.IsFinite(kept)
            ? (Markup)$"""
                <div class="strip" aria-hidden="true"><span class="span"
                style="left:0;width:{At(kept)}%"></span><span class="at"
                style="left:{At(kept)}%"></span><span class="ends">0</span><span class="ends end">best</span></div>
                """
            : null;
        return $"""
            <div class="card lead"><h3>Cost of the threshold</h3><p class="value">{Number.Share(cost)} {range}</p>{strip}<p>So much F1 is
                lost because the threshold {Number.Share(figures.Threshold)} was chosen on other classes; the best one for these would be
                {Number.Share(figures.BestThreshold)}.</p></div>
            """;
    }

    private static Markup Card(string name, string value, string sentence) => $"""
        <div class="card"><h3>{name}</h3><p class="value">{value}</p><p>{sentence}</p></div>
        """;

    private static string Hundred(double share) => Number.Write(100 * share, "0");

    private static double At(double share) => Math.Round(100 * Math.Clamp(share, 0, 1), 2);
}
