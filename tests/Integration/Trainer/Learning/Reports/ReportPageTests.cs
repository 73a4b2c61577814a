using CpfPipeline.Learning.Reports.Plots;
using CpfPipeline.Tests.Integration.Fixtures;
using Microsoft.Playwright;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Learning.Reports;

/// <summary>The report as a reader meets it: opened from disk by a real browser.</summary>
public sealed class ReportPageTests(ReportInBrowser report) : IClassFixture<ReportInBrowser>
{
    [Fact]
    public async Task Page_Opened_ShowsEveryPartAndAsksForNothing()
    {
        await using var open = await report.OpenAsync();

        Assert.Equal(
            ["Figures", "Beside the baselines", "Plots", "Worst classes", "Worst false matches", "Worst misses", "Provenance"],
            await open.Page.Locator("h2").AllInnerTextsAsync());
        Assert.Equal(report.Data.Title, await open.Page.Locator("h1").InnerTextAsync());
        Assert.Equal(report.Data.Title, await open.Page.TitleAsync());
        Assert.Equal([new Uri(report.File).AbsoluteUri], open.Requests.Where(r => !r.StartsWith("data:", StringComparison.Ordinal)));
        Assert.Empty(open.Complaints);
        Assert.InRange(new FileInfo(report.File).Length, 100_000, 1_500_000);
    }

    [Fact]
    public async Task Plots_Opened_AreVisibleWithAMarkForEachDatum()
    {
        await using var open = await report.OpenAsync();
        var data = report.Data;

        var plots = await open.Page.Locator("svg").AllAsync();
        Assert.Equal(5, plots.Count);
        foreach (var plot in plots)
        {
            var box = await plot.BoundingBoxAsync();
            Assert.True(box is { Width: > 300, Height: > 150 });
            Assert.NotEmpty(await open.Page.Locator($"#{await plot.GetAttributeAsync("aria-labelledby")}").InnerTextAsync());
            Assert.NotEmpty(await open.Page.Locator($"#{await plot.GetAttributeAsync("aria-describedby")}").InnerTextAsync());
        }

        // 150 bins over -1..1: the pairs lie in so few of them that none are merged.
        await CountAsync(open, "#similarities .bar.positive", data.Histogram.Positive.Count(n => n > 0));
        await CountAsync(open, "#similarities .bar.negative", data.Histogram.Negative.Count(n => n > 0));
        await CountAsync(open, "#similarities svg .mark", 1);
        await CountAsync(open, "#precision-recall .target", data.PrecisionRecall.Count);
        await CountAsync(open, "#precision-recall svg .operating", 1);
        await CountAsync(open, "#precision-recall svg .best", 1);
        await CountAsync(open, "#utilities svg .line.class", data.OperatingPoints.Utilities.Count);
        await CountAsync(open, "#utilities svg .line.mean", 1);
        await CountAsync(open, "#class-thresholds svg .dot.class", Math.Min(data.Classes.Count, ClassThresholdPlot.MaxDots));
        await CountAsync(open, "#training svg .dot.score", data.Training.Count(p => p.ValidationF1 is not null));
        await CountAsync(open, "#training .target", Math.Min(data.Training.Count, LossPlot.MaxPoints));
        Assert.Equal(
            "none", await open.Page.Locator("#precision-recall .line.curve").EvaluateAsync<string>("e => getComputedStyle(e).fill"));
    }

    [Fact]
    public async Task Plots_TextOfAxes_DoesNotOverlapOrLeaveTheDrawing()
    {
        foreach (var width in (int[])[1280, 390])
        {
            await using var open = await report.OpenAsync(width);
            var crowded = await open.Page.EvaluateAsync<string[]>(
                """
                () => [...document.querySelectorAll('svg')].flatMap(svg => {
                  const frame = svg.getBoundingClientRect();
                  const texts = [...svg.querySelectorAll('text')].map(t => ({ word: t.textContent, box: t.getBoundingClientRect() }));
                  const out = texts
                    .filter(t => t.box.left < frame.left - 1 || t.box.right > frame.right + 1 || t.box.bottom > frame.bottom + 1)
                    .map(t => 'outside: ' + t.word);
                  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom;
                  const over = texts.flatMap((a, i) => texts.slice(i + 1).filter(b => meet(a.box, b.box))
                    .map(b => 'overlap: ' + a.word + ' / ' + b.word));
                  return out.concat(over);
                })
                """);
            Assert.Empty(crowded);
        }
    }

    [Fact]
    public async Task Montage_Opened_ShowsItsPicturesAndABoxForTheMissingOne()
    {
        await using var open = await report.OpenAsync();
        var pairs = report.Data.FalseMatches.Count + report.Data.Misses.Count;

        var sizes = await open.Page.Locator(".montage img")
            .EvaluateAllAsync<int[]>("images => images.map(i => i.complete ? i.naturalWidth : 0)");

        Assert.Equal((2 * pairs) - 1, sizes.Length);
        Assert.All(sizes, size => Assert.InRange(size, 32, 96));
        Assert.Equal("file missing", await open.Page.Locator(".missing").InnerTextAsync());
        Assert.True((await open.Page.Locator(".missing").BoundingBoxAsync()) is { Width: > 80, Height: > 80 });
    }

    [Fact]
    public async Task Page_OnAPhone_DoesNotScrollSideways()
    {
        await using var open = await report.OpenAsync(390, 844);

        Assert.Equal(390, await open.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
        var wide = await open.Page.EvaluateAsync<string[]>(
            "() => [...document.querySelectorAll('main > *, .card, figure, .pair, dl, footer, h1')].filter(e => "
                + "e.getBoundingClientRect().right > 390.5).map(e => e.outerHTML.slice(0, 80))");
        Assert.Empty(wide);
    }

    [Fact]
    public async Task Page_DarkScheme_IsDarkWithReadableText()
    {
        await using var light = await report.OpenAsync();
        await using var dark = await report.OpenAsync(scheme: ColorScheme.Dark);

        Assert.True(await LuminanceAsync(light, "body", "backgroundColor") > 0.85);
        Assert.True(await LuminanceAsync(dark, "body", "backgroundColor") < 0.05);
        Assert.True(await LuminanceAsync(dark, "h1", "color") > 0.7);
        foreach (var open in (OpenPage[])[light, dark])
        {
            var card = await LuminanceAsync(open, ".card", "backgroundColor");
            Assert.True(Contrast(card, await LuminanceAsync(open, ".card p:last-child", "color")) > 4.5);
            Assert.True(Contrast(card, await LuminanceAsync(open, "svg .tick", "fill")) > 4.5);
            Assert.True(Contrast(card, await LuminanceAsync(open, "svg .outline.positive", "stroke")) > 3);
            Assert.True(Contrast(card, await LuminanceAsync(open, "svg .outline.negative", "stroke")) > 3);
        }
    }

    [Fact]
    public async Task Page_WithoutScript_HasTheSameText()
    {
        await using var with = await report.OpenAsync();
        await using var without = await report.OpenAsync(script: false);

        Assert.Equal(await with.Page.Locator("main").InnerTextAsync(), await without.Page.Locator("main").InnerTextAsync());
    }

    [Fact]
    public async Task Script_PointerAndClick_ShowTipsAndSort()
    {
        await using var open = await report.OpenAsync();

        await open.Page.Locator("#precision-recall svg .operating").HoverAsync();
        Assert.StartsWith("The model's threshold", await open.Page.Locator("#tip.shown").InnerTextAsync(), StringComparison.Ordinal);

        var column = open.Page.Locator("table.sortable tbody tr td:nth-child(4)");
        var before = await column.AllInnerTextsAsync();
        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Recall" }).ClickAsync();
        var after = await column.AllInnerTextsAsync();
        Assert.Equal(before.Order(StringComparer.Ordinal), after);
        Assert.Equal("ascending", await open.Page.Locator("table.sortable th:nth-child(4)").GetAttributeAsync("aria-sort"));
    }

    private static async Task CountAsync(OpenPage open, string selector, int expected)
    {
        var actual = await open.Page.Locator(selector).CountAsync();
        Assert.True(expected == actual, $"{selector}: {actual} instead of {expected}");
    }

    private static Task<double> LuminanceAsync(OpenPage open, string selector, string property) =>
        open.Page.Locator(selector).First.EvaluateAsync<double>(
        """
        (element, property) => {
          const [r, g, b] = getComputedStyle(element)[property].match(/[\d.]+/g).slice(0, 3)
            .map(v => v / 255)
            .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        }
        """,
        property);

    private static double Contrast(double a, double b) => (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
}
