using CpfPipeline.Learning.Reports.Html;

namespace CpfPipeline.Learning.Reports.Plots;

/// <summary>
/// A plot drawn with axes and grid. Sizes are in units of the view box, which is as wide as a column of the page on a large screen. Colours
/// come from the page's style sheet by class name, so that light, dark and print look right.
/// </summary>
internal sealed class SvgPlot(Axis x, Axis y, Axis? right = null)
{
    public const double Width = 500;
    public const double Height = 318;
    private const double Left = 52;
    private const double Top = 42;
    private const double Bottom = Height - 46;
    private readonly double _right = Width - (right is null ? 16 : 48);
    private readonly List<Markup> _marks = [];

    public double X(double value) => x.Map(value, Left, _right);

    public double Y(double value) => y.Map(value, Bottom, Top);

    public double YRight(double value) => right!.Map(value, Bottom, Top);

    /// <summary>A bar from the bottom of the plot up to a value.</summary>
    public void Bar(string kind, double from, double to, double value, string tip)
    {
        var (left, top) = (X(from), Y(value));
        Add($"""
            <rect class="bar {kind}" x="{left}" y="{top}" width="{Math.Max(0.5, X(to) - left)}"
              height="{Math.Max(0.5, Bottom - top)}"><title>{tip}</title></rect>
            """);
    }

    /// <summary>A line through the finite ones of the points, broken at the others. Drawing units.</summary>
    public void Line(string kind, IEnumerable<(double X, double Y)> points, string? tip = null)
    {
        var title = tip is null ? null : (Markup)$"<title>{tip}</title>";
        foreach (var run in Runs(points))
        {
            var path = Markup.Join(run.Select(p => (Markup)$"{Round(p.X)},{Round(p.Y)} "));
            Add($"""<polyline class="line {kind}" points="{path}">{title}</polyline>""");
        }
    }

    public void Dot(string kind, double cx, double cy, double radius, string tip) =>
        Add($"""<circle class="dot {kind}" cx="{cx}" cy="{cy}" r="{radius}"><title>{tip}</title></circle>""");

    public void Diamond(string kind, double cx, double cy, double radius, string tip) =>
        Add($"""
            <path class="dot {kind}"
              d="M{cx} {cy - radius}L{cx + radius} {cy}L{cx} {cy + radius}L{cx - radius} {cy}Z"><title>{tip}</title></path>
            """);

    /// <summary>Nothing to see, but something to point at.</summary>
    public void Target(double cx, double cy, string tip) =>
        Add($"""<circle class="target" cx="{cx}" cy="{cy}" r="5"><title>{tip}</title></circle>""");

    /// <summary>A vertical line through the whole plot with a word above it.</summary>
    public void Mark(double value, string text)
    {
        var at = X(value);
        Add($"""<line class="mark" x1="{at}" x2="{at}" y1="{Top - 2}" y2="{Bottom}" />""");
        var (anchor, start) = at < Left + 60 ? ("start", at - 4) : at > _right - 60 ? ("end", at + 4) : ("middle", at);
        Text("note", start, Top - 6, anchor, text);
    }

    /// <param name="heading">Id of the element with the plot's name.</param>
    /// <param name="caption">Id of the element that says what it shows.</param>
    public Markup Svg(string heading, string caption)
    {
        var grid = Markup.Join(y.Ticks.Select(t => (Markup)
            $"""
            <line class="grid" x1="{Left}" x2="{_right}" y1="{Y(t)}" y2="{Y(t)}" />
            <text class="tick" x="{Left - 7}" y="{Y(t) + 4}" text-anchor="end">{y.LabelOf(t)}</text>
            """));
        var below = Markup.Join(x.Ticks.Select(t => (Markup)
            $"""
            <line class="axis" x1="{X(t)}" x2="{X(t)}" y1="{Bottom}" y2="{Bottom + 4}" />
            <text class="tick" x="{X(t)}" y="{Bottom + 18}" text-anchor="middle">{x.LabelOf(t)}</text>
            """));
        Markup? beside = right is null ? null : (Markup)$"""
            {Markup.Join(right.Ticks.Select(t => RightTick(right, t)))}
            <text class="title" x="{Width - 2}" y="13" text-anchor="end">{right.Title}</text>
            """;
        return $"""
            <svg class="plot" viewBox="0 0 {Width} {Height}" role="img" aria-labelledby="{heading}" aria-describedby="{caption}">
            {grid}
            <line class="axis" x1="{Left}" x2="{_right}" y1="{Bottom}" y2="{Bottom}" />
            {below}{beside}
            <text class="title" x="2" y="13" text-anchor="start">{y.Title}</text>
            <text class="title" x="{(Left + _right) / 2}" y="{Height - 6}" text-anchor="middle">{x.Title}</text>
            {Markup.Join(_marks)}
            </svg>
            """;
    }

    private Markup RightTick(Axis axis, double tick) =>
        $"""<text class="tick" x="{_right + 7}" y="{YRight(tick) + 4}" text-anchor="start">{axis.LabelOf(tick)}</text>""";

    private void Text(string kind, double at, double baseline, string anchor, string text) =>
        Add($"""<text class="{kind}" x="{at}" y="{baseline}" text-anchor="{anchor}">{text}</text>""");

    private void Add(Markup mark) => _marks.Add(mark);

    // Lines are most of the file: a tenth of a unit is enough for them.
    private static double Round(double coordinate) => Math.Round(coordinate, 1);

    private static IEnumerable<List<(double X, double Y)>> Runs(IEnumerable<(double X, double Y)> points)
    {
        var run = new List<(double X, double Y)>();
        foreach (var point in points)
        {
            if (double.IsFinite(point.X) && double.IsFinite(point.Y))
            {
                run.Add(point);
                continue;
            }

            if (run.Count > 1)
            {
                yield return run;
            }

            run = [];
        }

        if (run.Count > 1)
        {
            yield return run;
        }
    }
}
