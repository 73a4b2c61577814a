using System.Text.RegularExpressions;
using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Reports.Html;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Learning.Reports.Sections;

/// <summary>
/// Pairs of a catalogue's pictures that the model got most wrong. Neither pictures nor names are in the report, since they would survive an
/// erasure there: the pictures and the pages of the pairs come from the Matcher, when it serves the report, and whoever serves the report
/// puts the names in (see <see cref="ReportContent"/>).
/// </summary>
internal static partial class ContentMontage
{
    /// <summary>See <see cref="ReportPage.WithoutPictures"/>.</summary>
    public static string WithoutPictures(string page) =>
        Links().Replace(Pictures().Replace(page, ""), "<span class=\"similarity\">$1</span>");

    public static Markup? Html(string id, string heading, string intro, IReadOnlyList<ContentPair> pairs)
    {
        if (pairs.Count == 0)
        {
            return null;
        }

        var shown = pairs.Take(Montage.MaxPairs).ToList();
        Markup? count = pairs.Count > shown.Count ? (Markup)$" The first {shown.Count} of {Number.Count(pairs.Count)}." : null;
        return $"""
            <section aria-labelledby="{id}">
            <h2 id="{id}">{heading}</h2>
            <p class="intro">{intro}{count}</p>
            <ul class="montage">
            {Markup.Join(shown.Select(Pair))}</ul>
            </section>

            """;
    }

    private static Markup Pair(ContentPair pair) => $"""
        <li class="pair">
        <a class="similarity" href="{ContentAddress.OfPair(pair.ContentA, pair.ContentB)}">{Number.Share(pair.Similarity)}</a>
        {Side(pair.ContentA)}{Side(pair.ContentB)}</li>

        """;

    private static Markup Side(long contentId) =>
        $"""
        <span class="side"><img src="{ContentAddress.OfThumbnail(contentId, 320)}" alt="{ReportContent.NameOf(contentId)}"
        width="96" height="96" loading="lazy" /><span
        class="name"><bdi class="{ReportContent.Mark}">{ReportContent.NameOf(contentId)}</bdi></span></span>
        """;

    // Text in a report is escaped: it can be no element.
    [GeneratedRegex("<img src=\"" + ContentAddress.Contents + "/[^>]*>")]
    private static partial Regex Pictures();

    [GeneratedRegex("<a class=\"similarity\" href=\"" + ContentAddress.Pair + "[^>]*>([^<]*)</a>")]
    private static partial Regex Links();
}
