using System.Xml.Linq;
using CpfPipeline.Learning.Reports.Plots;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Reports.Plots;

public sealed class SvgPlotTests
{
    [Fact]
    public void Line_GapInThePoints_IsDrawnAsTwo()
    {
        var plot = new SvgPlot(Axis.Linear("x", 0, 1), Axis.Linear("y", 0, 1));

        plot.Line("a", [(1, 1), (2, 2), (3, double.NaN), (4, 4), (5, 5), (6, double.PositiveInfinity), (7, 7)]);

        Assert.Equal(["1,1 2,2 ", "4,4 5,5 "], Parse(plot).Descendants("polyline").Select(l => l.Attribute("points")!.Value));
    }

    [Fact]
    public void Svg_Axes_HaveTheirTitlesTicksAndNames()
    {
        var plot = new SvgPlot(Axis.Linear("Recall & more", 0, 1), Axis.Linear("Precision", 0, 1), Axis.Linear("F1", 0, 0.5));

        var svg = Parse(plot);

        Assert.Equal(["Precision", "Recall & more", "F1"], svg.Elements("text").Where(t => t.Attribute("class")!.Value == "title").Select(t => t.Value).OrderBy(t => t == "F1").ThenBy(t => t, StringComparer.Ordinal));
        Assert.Equal(12 + 6, svg.Elements("text").Count(t => t.Attribute("class")!.Value == "tick"));
        Assert.Equal(("heading", "caption"), (svg.Attribute("aria-labelledby")!.Value, svg.Attribute("aria-describedby")!.Value));
    }

    [Fact]
    public void Bar_Value_ReachesFromTheAxisToIt()
    {
        var plot = new SvgPlot(Axis.Linear("x", 0, 10), Axis.Linear("y", 0, 4));

        plot.Bar("b", 2, 3, 1, "tip");

        var bar = Parse(plot).Element("rect")!;
        Assert.Equal(plot.X(2), Number(bar, "x"), 0.01);
        Assert.Equal(plot.X(3) - plot.X(2), Number(bar, "width"), 0.01);
        Assert.Equal(plot.Y(1), Number(bar, "y"), 0.01);
        Assert.Equal(plot.Y(0), Number(bar, "y") + Number(bar, "height"), 0.02);
        Assert.Equal("tip", bar.Value);
    }

    private static XElement Parse(SvgPlot plot) => XElement.Parse(plot.Svg("heading", "caption").ToString());

    private static double Number(XElement element, string name) => (double)element.Attribute(name)!;
}
