using CpfPipeline.Learning.Reports.Data;
using CpfPipeline.Learning.Reports.Html;

namespace CpfPipeline.Learning.Reports.Sections;

/// <summary>What the gate said of a candidate.</summary>
internal static class GateSection
{
    public static Markup? Html(GateVerdict? gate) => gate is null ? null : (Markup)$"""
        <section aria-labelledby="gate">
        <h2 id="gate">Gate: {(gate.Passed ? "passed" : "refused")}</h2>
        <p class="intro">{gate.Reason}</p>
        </section>

        """;
}
