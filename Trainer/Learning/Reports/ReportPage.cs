using System.Security.Cryptography;
using System.Text;
using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Reports.Data;
using CpfPipeline.Learning.Reports.Html;
using CpfPipeline.Learning.Reports.Plots;
using CpfPipeline.Learning.Reports.Sections;
using CpfPipeline.Vision.Decode;

namespace CpfPipeline.Learning.Reports;

/// <summary>
/// <c>report.html</c>: one file that asks for nothing else, in light and dark, on a phone and on paper. Its own content security policy
/// forbids every request, but for a catalogue's pictures when the Matcher serves the report; the Trainer leaves these out. Without
/// JavaScript all of it is there; the script adds quicker tooltips and sorting.
/// </summary>
public static class ReportPage
{
    private const string FalseMatchesIntro =
        "Two classes, but at or above the threshold; most similar first. Look here for classes that are one product after all.";

    private const string MissesIntro =
        "One class, but below the threshold; least similar first. Look here for wrong labels and for pictures that show something else.";

    private static readonly string ScriptHash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(ReportAssets.Script)));

    /// <summary>Writes the page.</summary>
    /// <param name="data">What it shows. Parts without data are left out; pictures are read from their paths.</param>
    /// <param name="writer">UTF-8 is what the page says it is.</param>
    /// <param name="decoder">Makes the thumbnails. Null: pictures are left out.</param>
    /// <param name="cancellationToken">Looked at between pictures.</param>
    public static void Write(ReportData data, TextWriter writer, IPictureDecoder? decoder, CancellationToken cancellationToken)
    {
        var thumbnails = new Thumbnails(decoder);
        var figures = data.Figures;
        Markup page = $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8" />
            <meta http-equiv="Content-Security-Policy"
            content="default-src 'none'; img-src {Sources(data)}; style-src 'unsafe-inline';
            script-src 'sha256-{Markup.Raw(ScriptHash)}'" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <meta name="color-scheme" content="light dark" />
            <link rel="icon" href="data:," />
            <title>{Label.Shorten(data.Title, 200)}</title>
            <style>
            {Markup.Raw(ReportAssets.Style)}</style>
            </head>
            <body>
            <main>
            <header>
            <p class="kind">Model report</p>
            <h1>{Label.Html(data.Title, 200)}</h1>
            <p class="scope">{Scope(figures)}</p>
            </header>
            {GateSection.Html(data.Gate)}
            {Headline.Html(figures)}
            {Comparison.Html(figures, data.Baselines)}
            {Plots(data)}
            {WorstClasses.Html(data.Classes)}
            {Montage.Html("false-matches", "Worst false matches", FalseMatchesIntro, data.FalseMatches, thumbnails, cancellationToken)}
            {Montage.Html("misses", "Worst misses", MissesIntro, data.Misses, thumbnails, cancellationToken)}
            {ContentMontage.Html("false-match-ids", "Worst false matches", FalseMatchesIntro, data.FalseMatchIds)}
            {ContentMontage.Html("miss-ids", "Worst misses", MissesIntro, data.MissIds)}
            {ProvenanceSection.Html(data.Facts)}
            <footer>
            <p>Pairwise figures are over all unordered pairs of the evaluated split. Recall@1
                and MAP@R: Musgrave et al., A Metric Learning Reality Check, 2020. B-cubed: Bagga
                and Baldwin, 1998. OPIS: Zhang et al., Threshold-Consistent Margin Loss, ICLR 2024. The interval of F1 is a bootstrap over
                classes.</p>
            </footer>
            </main>
            <div id="tip" role="status"></div>
            <script>{Markup.Raw(ReportAssets.Script)}</script>
            </body>
            </html>

            """;
        page.WriteTo(writer);
    }

    /// <summary>A page as one serves it that serves neither a catalogue's pictures nor the pages of pairs. Pure.</summary>
    /// <param name="page">The page that <see cref="Write"/> wrote.</param>
    public static string WithoutPictures(string page) => ContentMontage.WithoutPictures(page);

    // Pictures of a catalogue come from the Matcher when it serves the report. Elsewhere none come, and their names are read instead.
    private static string Sources(ReportData data) => data.FalseMatchIds.Count + data.MissIds.Count > 0 ? "data: 'self'" : "data:";

    private static Markup Scope(EvaluationFigures figures)
    {
        Markup? distractors = figures.Distractors > 0 ? (Markup)$", among {Number.Count(figures.Distractors)} distractors" : null;
        return $"{Number.Count(figures.Images)} pictures of {Number.Count(figures.Classes)} classes{distractors}, at the one threshold "
            + $"{Number.Share(figures.Threshold)}";
    }

    private static Markup? Plots(ReportData data)
    {
        Markup[] plots =
        [
            .. new[]
            {
                HistogramPlot.Html(data.Histogram, data.Figures.Threshold),
                PrecisionRecallPlot.Html(data.PrecisionRecall, data.Figures),
                UtilityPlot.Html(data.OperatingPoints, data.Figures),
                ClassThresholdPlot.Html(data.Classes, data.Figures.Threshold),
                LossPlot.Html(data.Training),
            }.OfType<Markup>(),
        ];
        return plots.Length == 0 ? null : (Markup)$"""
            <section aria-labelledby="plots">
            <h2 id="plots">Plots</h2>
            <div class="plots">
            {Markup.Join(plots)}</div>
            </section>

            """;
    }
}
