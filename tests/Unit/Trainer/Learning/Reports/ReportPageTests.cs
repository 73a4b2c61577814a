using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Losses;
using CpfPipeline.Learning.Reports;
using CpfPipeline.Learning.Reports.Data;
using CpfPipeline.Tests.Unit.Contracts.Vision.Samples;
using CpfPipeline.Vision.Decode;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Reports;

public sealed class ReportPageTests
{
    private static readonly string[] Loading =
        ["src", "href", "srcset", "action", "formaction", "data", "poster", "background", "ping", "manifest", "xlink:href"];

    [Fact]
    public void Write_FullReport_AsksForNothingElse()
    {
        var page = Write(SmallReport.Of("kettle"));
        var document = Parse(page);

        var addresses = document.Descendants().SelectMany(e => e.Attributes())
            .Where(a => Loading.Contains(a.Name.ToString().ToLowerInvariant())).Select(a => a.Value);
        Assert.All(addresses, address => Assert.StartsWith("data:", address, StringComparison.Ordinal));
        Assert.DoesNotMatch(new Regex(@"url\(|@import|https?:|//[a-z]|fetch\(|XMLHttp|import\(", RegexOptions.IgnoreCase), page);
        Assert.DoesNotContain(
            document.Descendants().SelectMany(e => e.Attributes()),
            a => a.Name.ToString().StartsWith("on", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(5, document.Descendants("svg").Count());
        Assert.All(
            document.Descendants("svg").Attributes("aria-labelledby").Concat(document.Descendants("svg").Attributes("aria-describedby")),
            reference => Assert.Single(document.Descendants().Attributes("id"), id => id.Value == reference.Value));
    }

    [Fact]
    public void Write_PairsOfACatalogue_RefersToItsPicturesAndHoldsNoNames()
    {
        var pairs = Enumerable.Range(1, 30).Select(i => new ContentPair(0.9, i, long.MaxValue)).ToList();
        var page = Write(SmallReport.Of("kettle") with { FalseMatchIds = pairs });
        var document = Parse(page);

        var pictures = document.Descendants("img").Where(i => (string)i.Attribute("src")! is var s && s.StartsWith('/')).ToList();
        Assert.Equal(2 * 24, pictures.Count);
        Assert.Equal($"/contents/{long.MaxValue}/thumbnail?size=320", (string)pictures[1].Attribute("src")!);
        Assert.Equal($"content {long.MaxValue}", (string)pictures[1].Attribute("alt")!);
        Assert.Contains(document.Descendants("a"), a => (string)a.Attribute("href")! == $"/review/pair?a=1&b={long.MaxValue}");
        Assert.Contains("img-src data: 'self';", Policy(document), StringComparison.Ordinal);
        Assert.DoesNotContain("'self'", Policy(Parse(Write(SmallReport.Of("kettle")))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("\"><img src=x onerror=alert(1)>")]
    [InlineData("' onload='x")]
    [InlineData("]]></style></title><!-- &lt; &#60;")]
    [InlineData("寿司 🍣 \u202e\u0000\ud800 عربي")]
    public void Write_HostileWords_StayTextInThePageOfAHarmlessWord(string word)
    {
        var harmless = Parse(Write(SmallReport.Of("kettle")));
        var hostile = Parse(Write(SmallReport.Of(word)));

        Assert.Equal(Shape(harmless), Shape(hostile));
        Assert.Equal(
            string.Concat(word.EnumerateRunes().Select(r => r.Value == 0 ? "\uFFFD" : r.ToString())),
            hostile.Descendants("h1").Single().Value);
    }

    [Fact]
    public void Write_VeryLongWords_KeepThePageSmall()
    {
        var word = string.Concat(Enumerable.Repeat("unbreakable<", 100_000));

        Assert.InRange(Write(SmallReport.Of(word)).Length, 10_000, 100_000);
    }

    [Fact]
    public void Write_LargeReport_StaysUnderItsBound()
    {
        var random = new Random(3);
        var data = SmallReport.Of(new string('<', 100)) with
        {
            Histogram = new(
                -1, 0.0002, [.. Enumerable.Range(0, 10_000).Select(i => (long)i)],
                [.. Enumerable.Range(0, 10_000).Select(i => 1_000_000L)]),
            PrecisionRecall =
            [
                .. Enumerable.Range(0, 500).Select(i => new PrecisionRecallPoint(1 - (i / 500.0), random.NextDouble(), i / 500.0)),
            ],
            Classes =
            [
                .. Enumerable.Range(0, 12_000)
                    .Select(i => new ClassFigures(new string('&', 100), i, 0.5, 0.5, random.NextDouble(), random.NextDouble())),
            ],
            OperatingPoints = new(
                [.. Enumerable.Range(0, 500).Select(i => i / 500.0)],
                [.. Enumerable.Range(0, 200).Select(_ => Enumerable.Range(0, 500).Select(_ => random.NextDouble()).ToList())],
                [.. Enumerable.Repeat(new string('"', 100), 200)], [.. Enumerable.Repeat(0.5, 500)]),
            Training = [.. Enumerable.Range(0, 20_000).Select(i => new LossPoint(i, random.NextDouble(), i % 100 == 0 ? 0.5 : null))],
        };

        Assert.InRange(Encoding.UTF8.GetByteCount(Write(data)), 300_000, 1_000_000);
    }

    [Fact]
    public void Write_NoData_LeavesTheirPartsOut()
    {
        var document = Parse(Write(SmallReport.Empty));

        Assert.Equal(["Figures"], document.Descendants("h2").Select(h => h.Value));
        Assert.Empty(document.Descendants("svg"));
    }

    public static TheoryData<ReportData> Broken() =>
    [
        SmallReport.Of("a") with { Figures = SmallReport.NoFigures },
        SmallReport.Of("a") with { Histogram = new(double.NaN, 0.1, [1], [1]) },
        SmallReport.Of("a") with { Histogram = new(0, 0, [1], [1]) },
        SmallReport.Of("a") with { Histogram = new(0, 0.1, [1, 2, 3], [1]) },
        SmallReport.Of("a") with { PrecisionRecall = [new(double.NaN, double.NaN, double.NaN)] },
        SmallReport.Of("a") with { OperatingPoints = new([0.1, double.NaN, 0.3], [[0.5], [], [double.NaN, 1, 1]], [], []) },
        SmallReport.Of("a") with { OperatingPoints = new([0.1, 0.3], [[double.NaN, double.NaN]], ["x"], [double.NaN, double.NaN]) },
        SmallReport.Of("a") with { Training = [new(0, double.NaN, double.NaN), new(0, double.PositiveInfinity, null)] },
        SmallReport.Of("a") with { Training = [new(5, 1, 0.1), new(5, 1, 0.1)] },
        SmallReport.Of("a") with { Classes = [new("one", 1, double.NaN, double.NaN, double.NaN, double.NaN)] },
        SmallReport.Of("a") with
        {
            FalseMatches = [new(double.NaN, "", "a", "\0", "b")],
            Misses = [new(0, "/", "a", new string('x', 9000), "b")],
        },
    ];

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Broken))]
    public void Write_BrokenNumbers_GiveAWellFormedPageWithoutThem(ReportData data)
    {
        var page = Write(data);

        Assert.NotEmpty(Parse(page).Descendants("h2"));
        Assert.DoesNotMatch(
            new Regex(@"""[^""]*(NaN|Infinity|∞)[^""]*""|>[^<]*\b(NaN|∞)"),
            Regex.Replace(page, "<script>.*?</script>", "", RegexOptions.Singleline));
    }

    [Fact]
    public void Write_Classes_AreListedWorstFirst()
    {
        var data = SmallReport.Of("a") with
        {
            Classes = [.. Enumerable.Range(0, 30).Select(i => new ClassFigures($"class {i}", 2, 1, 1, 1 - (i / 30.0), 0.5))],
        };

        var rows = Parse(Write(data)).Descendants("table").Single(t => (string?)t.Attribute("class") == "sortable")
            .Element("tbody")!.Elements("tr").ToList();

        Assert.Equal(Enumerable.Range(10, 20).Reverse().Select(i => $"class {i}"), rows.Select(r => r.Element("th")!.Value));
    }

    [Fact]
    public void Write_CancelledRun_Stops() => Assert.Throws<OperationCanceledException>(() =>
        ReportPage.Write(
            SmallReport.Of("a"), TextWriter.Null, new ImageDecoder(new ImageLimits(), TimeProvider.System),
            new CancellationToken(canceled: true)));

    [Fact]
    public void Write_ScriptHash_IsTheOneThatThePolicyAllows()
    {
        var document = Parse(Write(SmallReport.Of("a")));
        var script = Encoding.UTF8.GetBytes(document.Descendants("script").Single().Value);
        var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(script));

        var policy = document.Descendants("meta").Attributes("content").Select(a => a.Value)
            .Single(v => v.Contains("script-src", StringComparison.Ordinal));
        Assert.Contains($"script-src 'sha256-{hash}'", policy, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Pictures_BecomePartOfThePage()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, TestPictures.Png());

            var images = Parse(Write(SmallReport.Of("a<b", path))).Descendants("img").ToList();

            Assert.Equal(4, images.Count);
            Assert.All(images, image => Assert.Equal("a<b", (string?)image.Attribute("alt")));
            var bytes = Convert.FromBase64String(((string)images[0].Attribute("src")!).Split(',')[1]);
            Assert.Equal(ImageFormat.WebP, ImageFormat.Of(bytes));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Write(ReportData data)
    {
        using var writer = new StringWriter();
        ReportPage.Write(data, writer, new ImageDecoder(new ImageLimits(), TimeProvider.System), CancellationToken.None);
        return writer.ToString();
    }

    // The page is well-formed XML on purpose: a strict parser is the check that nothing escaped its place.
    private static XDocument Parse(string page)
    {
        using var reader = XmlReader.Create(new StringReader(page), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return XDocument.Load(reader, LoadOptions.PreserveWhitespace);
    }

    private static string Policy(XDocument document) =>
        document.Descendants("meta").Single(m => (string?)m.Attribute("http-equiv") == "Content-Security-Policy")
            .Attribute("content")!.Value;

    private static string Shape(XDocument document) => string.Join(
        '\n',
        document.Descendants().Select(e => $"{e.Name} {string.Join(' ', e.Attributes().Select(a => a.Name).Where(n => n != "title"))}"));
}
