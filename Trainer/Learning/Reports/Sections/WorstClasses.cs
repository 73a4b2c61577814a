using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Reports.Html;

namespace CpfPipeline.Learning.Reports.Sections;

/// <summary>The classes that the model serves worst, worst first; a click on a heading sorts by it.</summary>
internal static class WorstClasses
{
    /// <summary>Rows shown.</summary>
    public const int MaxClasses = 20;

    public static Markup? Html(IReadOnlyList<ClassFigures> classes)
    {
        var worst = classes
            .OrderBy(c => double.IsNaN(c.F1) ? double.PositiveInfinity : c.F1).ThenByDescending(c => c.Images)
            .ThenBy(c => c.Label, StringComparer.Ordinal)
            .Take(MaxClasses).ToList();
        if (worst.Count == 0)
        {
            return null;
        }

        return $"""
            <section aria-labelledby="worst">
            <h2 id="worst">Worst classes</h2>
            <p class="intro">The {worst.Count} of {Number.Count(classes.Count)} classes with the lowest F1 at the model's threshold, worst
            first.</p>
            <div class="wide" role="region" aria-labelledby="worst" tabindex="0"><table class="sortable">
            <thead><tr><th scope="col">Class</th>{Heading("Pictures")}{Heading("Precision")}{Heading("Recall")}
            {Heading("F1", "ascending")}{Heading("Best threshold")}</tr></thead>
            <tbody>
            {Markup.Join(worst.Select(Row))}
            </tbody>
            </table></div>
            </section>

            """;
    }

    private static Markup Heading(string name, string order = "none") =>
        $"""<th scope="col" class="number" aria-sort="{order}">{name}</th>""";

    private static Markup Row(ClassFigures c) => $"""
        <tr><th scope="row">{Label.Html(c.Label)}</th><td class="number">{Number.Count(c.Images)}</td>
        <td class="number">{Number.Share(c.Precision)}</td><td class="number">{Number.Share(c.Recall)}</td>
        <td class="number">{Number.Share(c.F1)}</td><td class="number">{Number.Share(c.BestThreshold)}</td></tr>

        """;
}
