using System.Globalization;
using CpfPipeline.Cli.Gallery;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Gallery;

public sealed class GalleryPageTests
{
    private static readonly GalleryHead Head = new(3, 1, 0.812, 1_274, 4_532);

    [Theory]
    [InlineData(100, GalleryOrder.Doubt, "The 100 most doubtful of 1,274 groups of two pictures or more.")]
    [InlineData(1_000, GalleryOrder.Size, "The 1,000 largest of 1,274 groups of two pictures or more.")]
    [InlineData(1_274, GalleryOrder.Size, "All 1,274 groups of two pictures or more, largest first, with 4,532 pictures.")]
    internal void Top_OfAGallery_SaysWhatItShows(int shown, GalleryOrder order, string words)
    {
        var html = GalleryPage.Top(
            Head, new("g.html", 100, order, null), shown, new DateTimeOffset(2026, 1, 2, 5, 4, 0, TimeSpan.FromHours(2))).ToString();
        Assert.Contains($"<p>{words}</p>", html, StringComparison.Ordinal);
        Assert.Contains("Model 3 · threshold 0.812 · written 2026-01-02 03:04 UTC", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Top_OfASource_NamesIt() =>
        Assert.Contains(
            ", only those with <bdi>&lt;b&gt;</bdi>.</p>",
            GalleryPage.Top(Head, new("g.html", 100, GalleryOrder.Doubt, "<b>"), 1, DateTimeOffset.UnixEpoch).ToString(),
            StringComparison.Ordinal);

    [Fact]
    public void Group_OfMorePicturesThanShown_CountsTheOthers()
    {
        Assert.Contains("and 40 more</p>", Group(52, 12), StringComparison.Ordinal);
        Assert.Contains("and 1,000 more</p>", Group(1_012, 12), StringComparison.Ordinal);
        Assert.DoesNotContain("more</p>", Group(12, 12), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.8536, "weakest merge 0.854, <span class=\"margin\">+0.042</span>")]
    [InlineData(0.812, "weakest merge 0.812, <span class=\"margin\">+0.000</span>")]
    [InlineData(0.75, "weakest merge 0.750, <span class=\"margin\">−0.062</span>")] // Same by a person's word.
    [InlineData(1.0001, "weakest merge 1.000, <span class=\"margin\">+0.188</span>")]
    public void Group_ItsWeakestMerge_StandsBesideItsDistanceToTheThreshold(double weakest, string words) =>
        Assert.Contains(words, Html(new(7, 2, weakest, [], [Picture(1), Picture(2)])), StringComparison.Ordinal);

    [Fact]
    public void Group_ItsPictures_CarryNamesKeysAndSimilarities()
    {
        var html = Html(new(7, 3, 0.9, ["gtin:1"],
        [
            Picture(1) with { IsMedoid = true, ToMedoid = 1, ListingCount = 1_000 },
            Picture(2) with { ToMedoid = 0.98765 },
            Picture(3) with { ToMedoid = null },
        ]));
        Assert.Contains("alt=\"s/1\"", html, StringComparison.Ordinal);
        Assert.Contains("<bdi>s/1</bdi> <bdi class=\"key\">k1</bdi>", html, StringComparison.Ordinal);
        Assert.Contains("and 999 more listings", html, StringComparison.Ordinal);
        Assert.Equal(
            ["medoid", "0.988 to the medoid", "similarity unknown"],
            html.Split("<span class=\"similarity\">").Skip(1).Select(part => part[..part.IndexOf('<', StringComparison.Ordinal)]));
        Assert.Contains("<p class=\"keys\"> <bdi class=\"key\">gtin:1</bdi></p>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Group_OfManyKeys_ShowsSixAndSaysThatThereAreMore()
    {
        var html = Html(new(7, 2, 0.9, ["a", "b", "c", "d", "e", "f", "g"], []));
        Assert.Equal(6, html.Split("class=\"key\"").Length - 1);
        Assert.Contains("and more</p>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("and more</p>", Html(new(7, 2, 0.9, ["a", "b", "c", "d", "e", "f"], [])), StringComparison.Ordinal);
    }

    [Fact]
    public void Group_PictureThatCannotBeHad_IsToldInWords()
    {
        var html = Html(new(7, 2, 0.9, [], [Picture(1), Picture(2)]), Thumbnail.Unmade);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
        Assert.Equal(2, html.Split("<p class=\"missing\">the picture could not be had</p>").Length - 1);
        Assert.Contains("s/1", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Group_PictureErasedMeanwhile_LosesItsNameToo()
    {
        var html = Html(new(7, 2, 0.9, [], [Picture(1)]), Thumbnail.Erased);
        Assert.Contains("erased meanwhile", html, StringComparison.Ordinal);
        Assert.DoesNotContain("s/1", html, StringComparison.Ordinal);
        Assert.DoesNotContain("k1", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_WithHostileNames_HoldThemAsText()
    {
        const string Hostile = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>&lt;{{groups}}";
        var picture = new GalleryPicture(1, false, 1, [new(Hostile, Hostile, Hostile)], 1);
        var top = GalleryPage.Top(Head, new("g.html", 1, GalleryOrder.Doubt, Hostile), 1, DateTimeOffset.UnixEpoch).ToString();
        foreach (var html in (string[])[top, Html(new(7, 2, 0.9, [Hostile], [picture]))])
        {
            Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("<img src=x", html, StringComparison.Ordinal);
            Assert.Contains("&quot;&#39;&gt;&lt;script&gt;alert(1)", html, StringComparison.Ordinal);
            Assert.Contains("&amp;lt;{{groups}}", html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Group_LongName_IsCut()
    {
        var html = Html(new(7, 2, 0.9, [], [new(1, false, 1, [new("s", new string('x', 5_000), null)], 1)]));
        Assert.True(html.Length < 2_000);
        Assert.Contains("xxx…", System.Net.WebUtility.HtmlDecode(html), StringComparison.Ordinal);
    }

    private static string Group(int size, int shown) => Html(new(7, size, 0.9, [], [.. Enumerable.Range(1, shown).Select(Picture)]));

    private static GalleryPicture Picture(int id)
    {
        var number = id.ToString(CultureInfo.InvariantCulture);
        return new(id, false, 0.9, [new ShownListing("s", number, $"k{number}")], 1);
    }

    private static string Html(GalleryGroup group, Thumbnail? thumbnail = null) => GalleryPage.Group(
        group, Head.Threshold, group.Pictures.ToDictionary(p => p.ContentId, _ => thumbnail ?? Thumbnail.Of([1, 2, 3]))).ToString();
}
