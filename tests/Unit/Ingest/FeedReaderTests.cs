using System.Text;
using CpfPipeline.Contracts;
using CpfPipeline.Data;
using CpfPipeline.Ingest;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest;

public sealed class FeedReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-feeds-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Csv_QuotesBlankLinesAndRelativePaths_AreRead()
    {
        var rows = await ReadAsync(new CsvFeedReader(), "feed.csv",
            "external_id,uri,Product Key,key_scope,revision\r\n\"a,1\",pics/a b.jpg,\"k\"\"1\",global,7\r\n\r\n\"two\nlines\",https://h/x.jpg,,,\r\n");
        Assert.Equal(2, rows.Count);
        Assert.Equal(new Submission { ExternalId = "a,1", Uri = ImageUri.FromPath($"{_folder}/pics/a b.jpg"), ProductKey = "k\"1",
            KeyScope = "global", Revision = 7 }, rows[0]);
        Assert.Equal(new Submission { ExternalId = "two\nlines", Uri = "https://h/x.jpg" }, rows[1]);
    }

    [Fact]
    public async Task Csv_MalformedRows_AreToldAndTheRestIsRead()
    {
        var rows = await ReadAsync(new CsvFeedReader(), "feed.csv", "external_id,uri,revision\na,u\nb,u,x\nc,\"u\"x,1\nd,u,1\n");
        Assert.Equal([false, true, false, true], rows.Select(r => r.Problem is null));
        Assert.Equal([false, true, false, false], rows.Select(r => r.HasMalformedRevision));
        Assert.Contains("Line 2", rows[0].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csv_ColumnMissing_NamesIt()
    {
        var e = await Assert.ThrowsAsync<FeedFormatException>(() => ReadAsync(new CsvFeedReader(), "feed.csv", "id,uri\n1,2\n"));
        Assert.Contains("external_id", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csv_QuoteLeftOpen_FailsWithTheLine()
    {
        var e = await Assert.ThrowsAsync<FeedFormatException>(
            () => ReadAsync(new CsvFeedReader(), "feed.csv", "external_id,uri\na,\"" + new string('x', 1_100_000)));
        Assert.Contains("Line 2", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ndjson_BadLine_IsToldAndTheRestIsRead()
    {
        var rows = await ReadAsync(
            new NdjsonFeedReader(), "feed.ndjson", "{\"external_id\":\"a\",\"uri\":\"a.jpg\"}\n{oops\n\n{\"externalId\":2,\"uri\":\"http://h/\",\"revision\":3}");
        Assert.Equal(3, rows.Count);
        Assert.Equal(ImageUri.FromPath($"{_folder}/a.jpg"), rows[0].Uri);
        Assert.Contains("Line 2", rows[1].Problem, StringComparison.Ordinal);
        Assert.Equal(("2", 3L), (rows[2].ExternalId, rows[2].Revision));
    }

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
    [InlineData("<rss xmlns:g='http://base.google.com/ns/1.0' version='2.0'><channel><title>t</title><item>{0}</item><item/><item>{1}</item></channel></rss>")]
    [InlineData("<feed xmlns='http://www.w3.org/2005/Atom' xmlns:g='http://base.google.com/ns/1.0'><entry><id>tag:x</id>{0}<id>tag:y</id></entry><entry>{1}</entry></feed>")]
    public async Task MerchantXml_RssAndAtom_AreRead(string frame)
    {
        var xml = frame
            .Replace("{0}", "<g:id>7</g:id><g:image_link><![CDATA[http://h/1.jpg?a=1&b=2]]></g:image_link><g:additional_image_link>http://h/2.jpg</g:additional_image_link>"
                + "<description>long <b>x</b></description><g:shipping><g:id>no</g:id></g:shipping><g:additional_image_link>http://h/3.jpg</g:additional_image_link><g:gtin>96385074</g:gtin>", StringComparison.Ordinal)
            .Replace("{1}", "<g:id>8</g:id>\n<g:image_link>http://h/4.jpg</g:image_link>", StringComparison.Ordinal);
        var rows = await ReadAsync(new MerchantXmlFeedReader(), "feed.xml", xml);
        Assert.Equal(["7", "7#" + Sha1("http://h/2.jpg")[..12], "7#" + Sha1("http://h/3.jpg")[..12], "8"], rows.Select(r => r.ExternalId));
        Assert.Equal("http://h/1.jpg?a=1&b=2", rows[0].Uri);
        Assert.Equal("gtin:00000096385074", rows[1].ProductKey);
    }

    [Fact]
    public async Task Csv_ZeroInAPath_IsToldAndTheRestIsRead()
    {
        var rows = await ReadAsync(new CsvFeedReader(), "feed.csv", "external_id,uri\na,x\0.jpg\nb,y.jpg\n");
        Assert.Contains("Line 2", rows[0].Problem, StringComparison.Ordinal);
        Assert.Equal(ImageUri.FromPath($"{_folder}/y.jpg"), rows[1].Uri);
    }

    [Fact]
    public async Task Ndjson_ZeroInAPath_IsLeftToTheRules()
    {
        var rows = await ReadAsync(
            new NdjsonFeedReader(), "feed.ndjson", "{\"external_id\":\"a\",\"uri\":\"x\\u0000.jpg\"}\n{\"external_id\":\"b\",\"uri\":\"y.jpg\"}");
        Assert.Equal(2, rows.Count);
        Assert.Equal(RejectReasons.InvalidSubmission, SubmissionRule.ToEntry(rows[0] with { Source = "s" }).Reason);
    }

    [Fact]
    public async Task Folder_ZeroInAKeysPath_FailsWithTheLine()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "labels.csv"), "path,label\na\0.jpg,P\n");
        var feed = NewFeed(_folder, "folder") with { KeysPath = Path.Combine(_folder, "labels.csv") };
        var e = await Assert.ThrowsAsync<FeedFormatException>(() => new FolderFeedReader().ReadAsync(feed, default).ToListAsync().AsTask());
        Assert.Contains("Line 2", e.Message, StringComparison.Ordinal);
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

    [Fact]
    public async Task Folder_WithKeys_ListsImagesInOrder()
    {
        foreach (var file in new[] { "b.jpg", "a/2.PNG", "a/1.jpg", ".hidden.jpg", ".git/x.jpg", "notes.txt", "labels.csv" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder, file))!);
            await File.WriteAllTextAsync(Path.Combine(_folder, file), "x");
        }

        Directory.CreateSymbolicLink(Path.Combine(_folder, "loop"), _folder);
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "labels.csv"), "path,label,split\na/1.jpg,P1,train\n./b.jpg,P2,distractor\na/2.PNG,,test\n");
        var feed = NewFeed(_folder, "folder") with { KeysPath = Path.Combine(_folder, "labels.csv") };
        var rows = await new FolderFeedReader().ReadAsync(feed, default).ToListAsync();
        Assert.Equal([("a/1.jpg", "P1"), ("a/2.PNG", null), ("b.jpg", null)], rows.Select(r => (r.ExternalId!, r.ProductKey)));
    }

    [Fact]
    public void RealPath_LinkOutOfTheFolder_IsSeen()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "in"));
        Directory.CreateSymbolicLink(Path.Combine(_folder, "in", "out"), "/etc");
        var folder = RealPath.Resolve(Path.Combine(_folder, "in"))!;
        Assert.Equal("/etc/passwd", RealPath.Resolve($"{folder}/out/passwd"));
        Assert.False(RealPath.IsBelow(RealPath.Resolve($"{folder}/../x")!, folder));
        Assert.True(RealPath.IsBelow(RealPath.Resolve($"{folder}/./y/../x")!, folder));
    }

    [Theory]
    [InlineData("/a b/%20#?ü😀.jpg")]
    [InlineData("/plain/x.jpg")]
    public void ImageUri_PathAndBack_IsTheSame(string path) => Assert.Equal(path, ImageUri.ToPath(ImageUri.FromPath(path)));

    private static string Sha1(string text)
    {
#pragma warning disable CA5350
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA1.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
    }

    private async Task<List<Submission>> ReadAsync(IFeedReader reader, string name, string text)
    {
        var path = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(path, text);
        return await reader.ReadAsync(NewFeed(path, reader.Format), default).ToListAsync();
    }

    private static Feed NewFeed(string path, string format) => new()
    {
        FeedId = 1, Source = "s", Path = path, Format = format, Snapshot = false, State = "running", Revision = 1,
        RowsRead = 0, Unchanged = 0, Stored = 0, Rejected = 0, Retracted = 0, SubmittedAt = DateTimeOffset.UnixEpoch,
    };
}
