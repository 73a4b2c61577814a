using CpfPipeline.Learning.Reports.Html;

namespace CpfPipeline.Learning.Reports.Plots;

/// <summary>A plot with its heading, legend and caption.</summary>
internal static class PlotFigure
{
    /// <param name="id">Unique on the page.</param>
    /// <param name="heading">What the plot is about.</param>
    /// <param name="plot">The drawing.</param>
    /// <param name="legend">Class of a swatch, and what it stands for.</param>
    /// <param name="caption">What to read off it, in plain sentences.</param>
    public static Markup Html(
        string id, string heading, SvgPlot plot, IReadOnlyList<(string Swatch, string Text)> legend, string caption) => $"""
        <figure id="{id}">
        <h3 id="{id}-name">{heading}</h3>
        <ul class="legend">{Markup.Join(legend.Select(Entry))}</ul>
        {plot.Svg(id + "-name", id + "-text")}
        <figcaption id="{id}-text">{caption}</figcaption>
        </figure>

        """;

    private static Markup Entry((string Swatch, string Text) entry) =>
        $"""<li><span class="swatch {entry.Swatch}"></span>{entry.Text}</li>""";
}
