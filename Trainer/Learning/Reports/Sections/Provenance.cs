using CpfPipeline.Learning.Reports.Data;
using CpfPipeline.Learning.Reports.Html;

namespace CpfPipeline.Learning.Reports.Sections;

/// <summary>What the model is and how it was made.</summary>
internal static class Provenance
{
    public static Markup? Html(IReadOnlyList<ReportFact> facts) => facts.Count == 0 ? null : (Markup)$"""
        <section aria-labelledby="provenance">
        <h2 id="provenance">Provenance</h2>
        <dl>
        {Markup.Join(facts.Select(f => (Markup)$"<div><dt>{Label.Shorten(f.Name, 100)}</dt><dd>{Label.Html(f.Value, 300)}</dd></div>\n"))}</dl>
        </section>

        """;
}
