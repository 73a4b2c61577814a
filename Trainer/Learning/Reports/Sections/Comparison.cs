using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Reports.Data;
using CpfPipeline.Learning.Reports.Html;

namespace CpfPipeline.Learning.Reports.Sections;

/// <summary>The model beside what it is compared with; the best of each column is set in bold.</summary>
internal static class Comparison
{
    private static readonly Column[] Columns =
    [
        new("F1", f => f.F1, Number.Share, 1),
        new("Best F1", f => f.BestF1, Number.Share, 1),
        new("Cost", f => Math.Max(0, f.BestF1 - f.F1), Number.Share, -1),
        new("Precision", f => f.Precision, Number.Share, 0),
        new("Recall", f => f.Recall, Number.Share, 0),
        new("Recall@1", f => f.RecallAt1, Number.Share, 1),
        new("MAP@R", f => f.MapAtR, Number.Share, 1),
        new("B-cubed F1", f => f.BcubedF1, Number.Share, 1),
        new("OPIS", f => f.Opis, Number.Spread, -1),
        new("Threshold", f => f.Threshold, Number.Share, 0),
    ];

    public static Markup? Html(EvaluationFigures model, IReadOnlyList<NamedFigures> baselines)
    {
        if (baselines.Count == 0)
        {
            return null;
        }

        EvaluationFigures[] all = [model, .. baselines.Select(b => b.Figures)];
        return $"""
            <section aria-labelledby="comparison">
            <h2 id="comparison">Beside the baselines</h2>
            <p class="intro">The same pictures and classes, each at its own threshold. Bold is the best of a column.</p>
            <div class="wide" role="region" aria-labelledby="comparison" tabindex="0"><table>
            <thead><tr><th scope="col">Model</th>{Markup.Join(Columns.Select(Heading))}</tr></thead>
            <tbody>
            {Row("this model", model, all, "own")}
            {Markup.Join(baselines.Select(b => Row(b.Name, b.Figures, all, "")))}
            </tbody>
            </table></div>
            </section>

            """;
    }

    private static Markup Heading(Column column) => $"""<th scope="col" class="number">{column.Name}</th>""";

    private static Markup Row(string name, EvaluationFigures figures, EvaluationFigures[] all, string kind) =>
        $"""<tr class="{kind}"><th scope="row">{Label.Html(name)}</th>{Markup.Join(Columns.Select(c => Cell(c, figures, all)))}</tr>""";

    private static Markup Cell(Column column, EvaluationFigures figures, EvaluationFigures[] all)
    {
        // As written: two that look the same are equally good.
        var text = column.Write(column.Of(figures));
        var values = all.Select(column.Of).Where(double.IsFinite).Select(v => column.Direction * v).ToList();
        var best = column.Direction != 0 && values.Count > 1 && text == column.Write(values.Max() / column.Direction);
        return best ? (Markup)$"""<td class="number"><strong>{text}</strong></td>""" : $"""<td class="number">{text}</td>""";
    }

    /// <param name="Name">Heading.</param>
    /// <param name="Of">The figure.</param>
    /// <param name="Write">How it is written.</param>
    /// <param name="Direction">1: more is better; -1: less is better; 0: neither by itself.</param>
    private sealed record Column(string Name, Func<EvaluationFigures, double> Of, Func<double, string> Write, int Direction);
}
