using System.Text;
using CpfPipeline.Ingest.Feeds;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Feeds;

public sealed class MerchantFeedReaderTests : FeedReading
{
    [Fact]
    public async Task MerchantTsv_AdditionalImagesAndGtin_AreRead()
    {
        var rows = await ReadAsync(new MerchantTsvFeedReader(), "feed.tsv",
            "id\ttitle\timage link\tadditional_image_link\tgtin\tbrand\tmpn\n"
            + "7\t24\" screen\thttp://h/1.jpg\thttp://h/2.jpg, http://h/3.jpg\t4006381333931\t\t\n"
            + "8\tx\thttp://h/4.jpg\t\t\tACME \tM-1\n9\ty\thttp://h/5.jpg\t\t\tACME\t\n");

        Assert.Equal(
            ["7", "7#" + Sha1("http://h/2.jpg")[..12], "7#" + Sha1("http://h/3.jpg")[..12], "8", "9"], rows.Select(r => r.ExternalId));
        Assert.All(rows.Take(3), r => Assert.Equal(("gtin:04006381333931", "global"), (r.ProductKey, r.KeyScope)));
        Assert.Equal("mpn:acme:M-1", rows[3].ProductKey);
        Assert.Null(rows[4].ProductKey);
    }

    [Theory]
    [InlineData("1\ta\tu1\n2\t\"Big lamp\tu2\n3\tc\tu3\n5\t12\" screen\tu5\n", "1 2 3 5")]
    [InlineData("1\t\"a, \"\"b\"\"\"\tu1\n2\t\"two\nlines\"\tu2\n3\t\"c\"\tu3\n", "1 2 3")]
    [InlineData("1\t\"a\"\t\"u1\"\n2\t\"b\tu2\n", "1 2")]
    public async Task MerchantTsv_Quotes_CountWhenTheFileShowsThem(string rows, string read)
    {
        var found = await ReadAsync(new MerchantTsvFeedReader(), "feed.tsv", "id\ttitle\timage_link\n" + rows);
        Assert.Equal(read, string.Join(' ', found.Select(r => r.ExternalId)));
        Assert.All(found, r => Assert.Null(r.Problem));
        Assert.Equal(ImageUri.FromPath($"{Folder}/u1"), found[0].Uri);
    }

    [Theory]
    [InlineData("1\tu1\n2\tu2\t\t\n3\tu3\ta\tb\n", "1 2 3", 0)]
    [InlineData("1\n2\tu2\n", "2", 1)]
    [InlineData("1\tu1\ta\tb\tc\n2\tu2\n", "2", 1)]
    public async Task MerchantTsv_ShortRows_AreReadWhenWhatIsMissingIsOptional(string rows, string read, int refused)
    {
        var found = await ReadAsync(new MerchantTsvFeedReader(), "feed.tsv", "id\timage_link\tbrand\tmpn\n" + rows);
        Assert.Equal(read, string.Join(' ', found.Where(r => r.Problem is null).Select(r => r.ExternalId)));
        Assert.Equal(refused, found.Count(r => r.Problem is not null));
    }

    [Fact]
    public async Task MerchantTsv_WrongGtin_IsNoKeyAndReported()
    {
        var rows = await ReadAsync(
            new MerchantTsvFeedReader(), "feed.tsv",
            "id\timage_link\tgtin\tbrand\tmpn\n1\tu\t4006381333932\t\t\n2\tu\t4006381333932\tACME\tM\n3\tu\t2012345678903\t\t\n");
        Assert.Equal([null, "mpn:acme:M", "gtin:02012345678903"], rows.Select(r => r.ProductKey));
        Assert.Equal([true, true, false], rows.Select(r => r.Warning is not null));
        Assert.Equal("source", SubmissionRule.ToEntry(rows[2] with { Source = "s" }).KeyScope);
    }

    [Theory]
    [InlineData("<rss xmlns:g='http://base.google.com/ns/1.0' "
        + "version='2.0'><channel><title>t</title><item>{0}</item><item/><item>{1}</item></channel></rss>")]
    [InlineData("<feed xmlns='http://www.w3.org/2005/Atom' "
        + "xmlns:g='http://base.google.com/ns/1.0'><entry><id>tag:x</id>{0}<id>tag:y</id></entry><entry>{1}</entry></feed>")]
    public async Task MerchantXml_RssAndAtom_AreRead(string frame)
    {
        var xml = frame
            .Replace("{0}", "<g:id>7</g:id><g:image_link><![CDATA[http://h/1.jpg?a=1&b=2]]></g:image_link>"
                + "<g:additional_image_link>http://h/2.jpg</g:additional_image_link>"
                + "<description>long <b>x</b></description><g:shipping><g:id>no</g:id></g:shipping>"
                + "<g:additional_image_link>http://h/3.jpg</g:additional_image_link><g:gtin>96385074</g:gtin>", StringComparison.Ordinal)
            .Replace("{1}", "<g:id>8</g:id>\n<g:image_link>http://h/4.jpg</g:image_link>", StringComparison.Ordinal);
        var rows = await ReadAsync(new MerchantXmlFeedReader(), "feed.xml", xml);
        Assert.Equal(["7", "7#" + Sha1("http://h/2.jpg")[..12], "7#" + Sha1("http://h/3.jpg")[..12], "8"], rows.Select(r => r.ExternalId));
        Assert.Equal("http://h/1.jpg?a=1&b=2", rows[0].Uri);
        Assert.Equal("gtin:00000096385074", rows[1].ProductKey);
    }

    [Fact]
    public async Task MerchantXml_EndlessText_IsCutAndRefusedForItsLength()
    {
        var rows = await ReadAsync(new MerchantXmlFeedReader(), "feed.xml",
            "<rss><item><id>7</id><image_link>http://h/" + new string('x',
                1_000_000) + "</image_link></item><item><id>8</id><image_link>http://h/8.jpg</image_link></item></rss>");
        Assert.InRange(rows[0].Uri!.Length, SubmissionRule.MaxUriLength + 1, 10_000);
        Assert.Equal(RejectReasons.InvalidSubmission, SubmissionRule.ToEntry(rows[0] with { Source = "s" }).Reason);
        Assert.Equal(("8", "http://h/8.jpg"), (rows[1].ExternalId, rows[1].Uri));
    }

    [Fact]
    public async Task MerchantXml_Malformed_NamesLineAndColumn()
    {
        var e = await Assert.ThrowsAsync<FeedFormatException>(
            () => ReadAsync(new MerchantXmlFeedReader(), "feed.xml", "<rss>\n<item><id>1</id></oops></rss>"));
        Assert.Contains("line 2, column", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MerchantXml_Doctype_IsRefused() =>
        await Assert.ThrowsAsync<FeedFormatException>(() => ReadAsync(
            new MerchantXmlFeedReader(), "feed.xml", "<!DOCTYPE rss [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><rss>&a;</rss>"));

    [Theory]
    [InlineData("windows-1252", "windows-1252")]
    [InlineData("windows-1250", "windows-1250")]
    [InlineData("ISO-8859-15", "iso-8859-15")]
    [InlineData("ISO-8859-1", "iso-8859-1")]
    [InlineData("utf8", "utf-8")]
    [InlineData("UTF8", "utf-8")]
    [InlineData("cp1252", "windows-1252")]
    [InlineData("latin1", "iso-8859-1")]
    [InlineData("utf-16", "utf-16")]
    public async Task MerchantXml_DeclaredEncoding_IsRead(string declared, string encoding)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var encoder = Encoding.GetEncoding(encoding);
        var xml = "<?xml version=\"1.0\" "
            + $"encoding=\"{declared}\"?><rss><item><id>gr\u00F6\u00DFe</id><image_link>h.jpg</image_link></item></rss>";
        var rows = await ReadAsync(new MerchantXmlFeedReader(), "feed.xml", [.. encoder.GetPreamble(), .. encoder.GetBytes(xml)]);
        Assert.Equal("gr\u00F6\u00DFe", rows.Single().ExternalId);
    }

    [Fact]
    public async Task MerchantXml_ShiftJis_IsRead()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var xml = "<?xml version=\"1.0\" "
            + "encoding=\"Shift_JIS\"?><rss><item><id>\u30E9\u30F3\u30D7</id><image_link>h.jpg</image_link></item></rss>";
        var rows = await ReadAsync(new MerchantXmlFeedReader(), "feed.xml", Encoding.GetEncoding("shift_jis").GetBytes(xml));
        Assert.Equal("\u30E9\u30F3\u30D7", rows.Single().ExternalId);
    }

    [Fact]
    public async Task MerchantXml_UnknownEncoding_IsNamed()
    {
        var e = await Assert.ThrowsAsync<FeedFormatException>(
            () => ReadAsync(new MerchantXmlFeedReader(), "feed.xml", "<?xml version=\"1.0\" encoding=\"klingon\"?><rss/>"));
        Assert.Contains("klingon", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\n\n<?xml version='1.0'?>\n<rss>")]
    [InlineData("\uFEFF \r\n<?xml version='1.0' encoding='UTF-8'?><!DOCTYPE rss>\n<rss>")]
    [InlineData("<!DOCTYPE rss PUBLIC '-//Netscape//DTD RSS 0.91//EN' 'http://my.example/rss-0.91.dtd'><rss>")]
    [InlineData("<!DOCTYPE rss [<!ELEMENT rss ANY>]><rss>")]
    public async Task MerchantXml_PrologsOfExporters_AreRead(string prolog)
    {
        var rows = await ReadAsync(
            new MerchantXmlFeedReader(), "feed.xml", prolog + "<item><id>a</id><image_link>a.jpg</image_link></item></rss>");
        Assert.Equal("a", rows.Single().ExternalId);
    }

    [Theory]
    [InlineData("i/a.jpg,i/b.jpg", 2)]
    [InlineData("http://h/a.jpg, http://h/b.jpg", 2)]
    [InlineData("http://h/a.jpg,https://h/b.jpg,//h/c.jpg", 3)]
    [InlineData("http://h/w_300,h_300/a.jpg", 1)]
    [InlineData("http://h/a.jpg?x=1,2", 1)]
    [InlineData("http://h/a.jpg</additional_image_link><additional_image_link>http://h/b.jpg,http://h/c.jpg", 3)]
    public async Task MerchantXml_AdditionalImages_AreSeparatedByElementsAndCommas(string links, int images)
    {
        var rows = await ReadAsync(
            new MerchantXmlFeedReader(), "feed.xml",
            $"<rss><item><id>7</id><image_link>m.jpg</image_link><additional_image_link>{links}</additional_image_link></item></rss>");
        Assert.Equal(images + 1, rows.Count);
    }

    private static string Sha1(string text)
    {
#pragma warning disable CA5350
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA1.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
    }
}
