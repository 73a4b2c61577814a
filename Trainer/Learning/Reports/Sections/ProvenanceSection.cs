using CpfPipeline.Learning.Reports.Data;
using CpfPipeline.Learning.Reports.Html;

namespace CpfPipeline.Learning.Reports.Sections;

/// <summary>What the model is and how it was made.</summary>
internal static class ProvenanceSection
{
    public static Markup? Html(IReadOnlyList<ReportFact> facts) => facts.Count == 0 ? null : (Markup)$"""
        <section aria-labelledby="provenance">
        <h2 id="provenance">Provenance</h2>
        <dl>
        {Markup.Join(facts.Select(Fact))}</dl>
        </section>

        """;

    private static Markup Fact(ReportFact fact) =>
        $"<div><dt>{Label.Shorten(fact.Name, 100)}</dt><dd>{Label.Html(fact.Value, 300)}</dd></div>\n";
}
