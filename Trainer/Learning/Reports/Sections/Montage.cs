using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Reports.Html;

namespace CpfPipeline.Learning.Reports.Sections;

/// <summary>Pairs of pictures that the model got most wrong.</summary>
internal static class Montage
{
    /// <summary>Pairs shown of each kind: some 300 kB of thumbnails in all.</summary>
    public const int MaxPairs = 24;

    public static Markup? Html(
        string id, string heading, string intro, IReadOnlyList<PicturePair> pairs, Thumbnails thumbnails,
        CancellationToken cancellationToken)
    {
        if (pairs.Count == 0)
        {
            return null;
        }

        var shown = new List<Markup>();
        foreach (var pair in pairs.Take(MaxPairs))
        {
            cancellationToken.ThrowIfCancellationRequested();
            shown.Add($"""
                <li class="pair"><span class="similarity">{Number.Share(pair.Similarity)}</span>
                {Side(pair.PathA, pair.LabelA, thumbnails)}{Side(pair.PathB, pair.LabelB, thumbnails)}</li>

                """);
        }

        Markup? count = pairs.Count > shown.Count ? (Markup)$" The first {shown.Count} of {Number.Count(pairs.Count)}." : null;
        return $"""
            <section aria-labelledby="{id}">
            <h2 id="{id}">{heading}</h2>
            <p class="intro">{intro}{count}</p>
            <ul class="montage">
            {Markup.Join(shown)}</ul>
            </section>

            """;
    }

    private static Markup Side(string path, string label, Thumbnails thumbnails) =>
        $"""<span class="side">{thumbnails.Html(path, label)}<span class="name">{Label.Html(label, 40)}</span></span>""";
}
