using CpfPipeline.Ingest.Feeds;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Feeds;

/// <summary>What a parser of XML would hold in memory without end. Each took gigabytes, from some hundred kilobytes of gzip.</summary>
public sealed class MerchantXmlAttackTests : FeedReading
{
    private const int Much = 1_100_000;

    public static TheoryData<string, string, string> Attacks => new()
    {
        { "attribute", $"<rss><item a='{new string('a', Much)}'><id>1</id></item></rss>", "is longer than 1000000 characters" },
        { "name of an element", $"<rss><{new string('a', Much)}/></rss>", "is longer than 1000000 characters" },
        { "comment", $"<rss><!--{new string('a', Much)}--></rss>", "is longer than 1000000 characters" },
        { "text of an element that is not read", $"<rss><item><title>{new string('a', Much)}</title></item></rss>", "is longer than" },
        { "depth", $"<rss>{Repeat(_ => "<a>", 2_000)}", "lie in one another 100 deep" },
        { "depth within a field, with texts", $"<rss><item><id>{Repeat(_ => "a<b>", 2_000)}", "lie in one another 100 deep" },
        { "depth within what is not read", $"<rss><item><title>{Repeat(_ => "<b>", Much / 3)}", "is longer than" },
        { "names of elements", $"<rss>{Repeat(i => $"<n{i}/>", 30_000)}</rss>", "more than 100000 characters together" },
        { "names of attributes", $"<rss><item {Repeat(i => $"n{i}='' ", 30_000)}/></rss>", "more than 100000 characters together" },
        { "namespaces", $"<rss>{Repeat(i => $"<a xmlns='{i}'/>", 30_000)}</rss>", "more than 100000 characters together" },
    };

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task MerchantXml_MoreThanAParserShouldHold_IsRefused(string attack, string xml, string problem)
    {
        var e = await Assert.ThrowsAsync<FeedFormatException>(() => ReadAsync(new MerchantXmlFeedReader(), "feed.xml", xml));
        Assert.True(e.Message.Contains(problem, StringComparison.Ordinal), $"{attack}: {e.Message}");
    }

    [Fact]
    public async Task MerchantXml_LargeInAll_IsRead()
    {
        var item = "<item><id>{0}</id><image_link>http://h/1.jpg</image_link>"
            + $"<description>{new string('x', 20_000)}</description></item>";
        var rows = await ReadAsync(
            new MerchantXmlFeedReader(), "feed.xml",
            $"<rss><channel>{Repeat(i => item.Replace("{0}", $"{i}", StringComparison.Ordinal), 200)}</channel></rss>");
        Assert.Equal(200, rows.Count);
        Assert.All(rows, row => Assert.Null(row.Problem));
    }

    private static string Repeat(Func<int, string> part, int times) => string.Concat(Enumerable.Range(0, times).Select(part));
}
