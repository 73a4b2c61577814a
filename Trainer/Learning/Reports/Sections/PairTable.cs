using System.Globalization;
using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Reports.Html;

namespace CpfPipeline.Learning.Reports.Sections;

/// <summary>Pairs that the model got most wrong, by content ids: a picture in a report would survive its erasure.</summary>
internal static class PairTable
{
    public static Markup? Html(
        string id, string heading, string intro, IReadOnlyList<ContentPair> pairs) => pairs.Count == 0 ? null : (Markup)$"""
        <section aria-labelledby="{id}">
        <h2 id="{id}">{heading}</h2>
        <p class="intro">{intro}</p>
        <div class="wide" role="region" aria-labelledby="{id}" tabindex="0"><table class="sortable">
        <thead><tr><th scope="col" class="number" aria-sort="none">Similarity</th>
        <th scope="col">Content</th><th scope="col">Content</th></tr></thead>
        <tbody>
        {Markup.Join(pairs.Select(Row))}</tbody>
        </table></div>
        </section>

        """;

    private static Markup Row(ContentPair pair) => $"""
        <tr><td class="number">{Number.Share(pair.Similarity)}</td><td>{Id(pair.ContentA)}</td><td>{Id(pair.ContentB)}</td></tr>

        """;

    private static string Id(long contentId) => contentId.ToString(CultureInfo.InvariantCulture);
}
