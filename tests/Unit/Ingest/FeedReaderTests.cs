using System.Text;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Feeds;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Vocabulary;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest;

public sealed class FeedReaderTests : IDisposable
{
    private static readonly string[] Titles = ["plain", "\"open", "close\"", "12\" x", "\"quoted, well\"", "\"a\"\"b\""];
    private readonly FeedFindings _findings = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-feeds-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Csv_QuotesBlankLinesAndRelativePaths_AreRead()
    {
        var rows = await ReadAsync(new CsvFeedReader(), "feed.csv",
            "external_id,uri,Product Key,key_scope,revision\r\n\"a,1\",pics/a "
                + "b.jpg,\"k\"\"1\",global,7\r\n\r\n\"two\nlines\",https://h/x.jpg,,,\r\n");
        Assert.Equal(2, rows.Count);
        Assert.Equal(new Submission { ExternalId = "a,1", Uri = ImageUri.FromPath($"{_folder}/pics/a b.jpg"), ProductKey = "k\"1",
            KeyScope = "global", Revision = 7 }, rows[0]);
        Assert.Equal(new Submission { ExternalId = "two\nlines", Uri = "https://h/x.jpg" }, rows[1]);
    }

    [Fact]
    public async Task Csv_MalformedRows_AreToldAndTheRestIsRead()
    {
        var rows = await ReadAsync(new CsvFeedReader(), "feed.csv", "external_id,uri,revision\na,u\nb,u,x\nc,\"u\"x,1\nd,u,1\n");
        Assert.Equal([true, true, false, true], rows.Select(r => r.Problem is null)); // The revision may be left out.
        Assert.Equal([false, true, false, false], rows.Select(r => r.HasMalformedRevision));
        Assert.Contains("Line 4", rows[2].Problem, StringComparison.Ordinal);
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
            new NdjsonFeedReader(), "feed.ndjson",
            "{\"external_id\":\"a\",\"uri\":\"a.jpg\"}\n{oops\n\n{\"externalId\":2,\"uri\":\"http://h/\",\"revision\":3}");
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
            new NdjsonFeedReader(), "feed.ndjson",
            "{\"external_id\":\"a\",\"uri\":\"x\\u0000.jpg\"}\n{\"external_id\":\"b\",\"uri\":\"y.jpg\"}");
        Assert.Equal(2, rows.Count);
        Assert.Equal(RejectReasons.InvalidSubmission, SubmissionRule.ToEntry(rows[0] with { Source = "s" }).Reason);
    }

    [Fact]
    public async Task Folder_ZeroInAKeysPath_FailsWithTheLine()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "labels.csv"), "path,label\na\0.jpg,P\n");
        var feed = NewFeed(_folder, "folder") with { KeysPath = Path.Combine(_folder, "labels.csv") };
        var e = await Assert.ThrowsAsync<FeedFormatException>(
            () => new FolderFeedReader().ReadAsync(feed, _findings, default).ToListAsync().AsTask());
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
        var rows = await new FolderFeedReader().ReadAsync(feed, _findings, default).ToListAsync();
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

    // What the quote opens decides nothing about the lines behind it: each is a row, or is refused and makes the snapshot not whole.
    [Theory]
    [InlineData("1,a,u1\n2,\"Big lamp,u2\n3,c,u3\n4,d,u4\n5,12\" screen,u5\n", "1 3 4 5", 1)]
    [InlineData("1,a,u1\n2,\"Big lamp,u2\n3,c,u3\n4,Monitor 24\",u4\n5,e,u5\n", "1 3 4 5", 1)]
    [InlineData("1,a,u1\n2,\"Big lamp,u2\n3,c,u3\n", "1 3", 1)]
    [InlineData("1,12\" screen,u1\n2,\"two\nlines, really\",u2\n3,c,u3\n", "1 2 3", 0)]
    [InlineData("1,\"He said \"\"no\"\"\",u1\r\n2,b,u2\r\n", "1 2", 0)]
    [InlineData("1,5\" x,\"u\"1\n2,b,u2\n", "2", 1)]
    [InlineData("1,a,u1\r2,b,u2\r", "1 2", 0)]
    public async Task Csv_StrayQuotes_SwallowNoRow(string rows, string read, int refused)
    {
        var found = await ReadAsync(new CsvFeedReader(), "feed.csv", "external_id,title,uri\n" + rows);
        Assert.Equal(read, string.Join(' ', found.Where(r => r.Problem is null).Select(r => r.ExternalId)));
        Assert.Equal(refused, found.Count(r => r.IsUnreadable));
    }

    [Fact]
    public async Task Csv_AnyStrayQuotes_EveryLineIsReadOrRefused() =>
        await Check.SampleAsync(
            Gen.Int[0, Titles.Length - 1].Select(i => Titles[i]).Array[1, 12],
            async titles =>
            {
                var text = string.Concat(titles.Select((title, i) => $"id{i},{title},http://h/{i}.jpg\n"));
                var found = await ReadAsync(new CsvFeedReader(), $"{Guid.NewGuid()}.csv", "external_id,title,uri\n" + text);
                Assert.Equal(titles.Length, found.Count);
                foreach (var (row, i) in found.Select((row, i) => (row, i)).Where(r => r.row.Problem is null))
                {
                    Assert.Equal(($"id{i}", $"http://h/{i}.jpg"), (row.ExternalId, row.Uri));
                }
            },
            iter: 300, threads: 1);

    [Theory]
    [InlineData("1\ta\tu1\n2\t\"Big lamp\tu2\n3\tc\tu3\n5\t12\" screen\tu5\n", "1 2 3 5")]
    [InlineData("1\t\"a, \"\"b\"\"\"\tu1\n2\t\"two\nlines\"\tu2\n3\t\"c\"\tu3\n", "1 2 3")]
    [InlineData("1\t\"a\"\t\"u1\"\n2\t\"b\tu2\n", "1 2")]
    public async Task MerchantTsv_Quotes_CountWhenTheFileShowsThem(string rows, string read)
    {
        var found = await ReadAsync(new MerchantTsvFeedReader(), "feed.tsv", "id\ttitle\timage_link\n" + rows);
        Assert.Equal(read, string.Join(' ', found.Select(r => r.ExternalId)));
        Assert.All(found, r => Assert.Null(r.Problem));
        Assert.Equal(ImageUri.FromPath($"{_folder}/u1"), found[0].Uri);
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
    public async Task Csv_FileCutWithinARow_IsNotWhole()
    {
        var found = await ReadAsync(new CsvFeedReader(), "feed.csv", "external_id,uri,product_key\na,u1,k\nb,u2");
        Assert.Equal([false, true], found.Select(r => r.IsUnreadable));
    }

    [Theory]
    [InlineData("feed.csv", "external_id,uri\n")]
    [InlineData("feed.csv", "")]
    [InlineData("feed.tsv", "id\timage_link\n\n")]
    [InlineData("feed.ndjson", "\n\n")]
    [InlineData("feed.xml", "<products><product><id>a</id></product></products>")]
    public async Task Feed_WithoutAnyItem_FailsAndSaysSo(string name, string text)
    {
        IFeedReader reader = name switch
        {
            "feed.csv" => new CsvFeedReader(), "feed.tsv" => new MerchantTsvFeedReader(), "feed.xml" => new MerchantXmlFeedReader(),
            _ => new NdjsonFeedReader(),
        };
        await Assert.ThrowsAsync<FeedFormatException>(() => ReadAsync(reader, name, text));
    }

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

    [Fact]
    public async Task Csv_BytesThatAreNotUtf8_RefuseTheRowTheyStandIn()
    {
        var rows = await ReadAsync(
            new CsvFeedReader(), "feed.csv",
            [.. "external_id,uri,title\ngr"u8, 0xF6, 0xDF, .. "e,u1,t\nb,u2,t"u8, 0xFC, .. "r\nc,u"u8, 0xE4, .. ",t\n"u8]);
        Assert.Equal(
            [RejectReasons.InvalidEncoding, null, RejectReasons.InvalidEncoding],
            rows.Select(r => SubmissionRule.IdentityProblem("s", r.ExternalId) is not null
                ? SubmissionRule.IdentityReason(r)
                : SubmissionRule.ToEntry(r with { Source = "s" }).Reason));
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

    [Fact]
    public async Task MerchantTsv_WrongGtin_IsNoKeyAndTold()
    {
        var rows = await ReadAsync(
            new MerchantTsvFeedReader(), "feed.tsv",
            "id\timage_link\tgtin\tbrand\tmpn\n1\tu\t4006381333932\t\t\n2\tu\t4006381333932\tACME\tM\n3\tu\t2012345678903\t\t\n");
        Assert.Equal([null, "mpn:acme:M", "gtin:02012345678903"], rows.Select(r => r.ProductKey));
        Assert.Equal([true, true, false], rows.Select(r => r.Warning is not null));
        Assert.Equal("source", SubmissionRule.ToEntry(rows[2] with { Source = "s" }).KeyScope);
    }

    [Theory]
    [InlineData("//cdn.example.com/a.jpg")]
    [InlineData("www.example.com/a.jpg")]
    [InlineData("http:/www.example.com/a.jpg")]
    [InlineData("C:\\\\images\\\\a.jpg")]
    [InlineData("pics\\\\a.jpg")]
    public async Task Ndjson_UriWithoutScheme_IsNeverAFile(string uri)
    {
        var rows = await ReadAsync(new NdjsonFeedReader(), "feed.ndjson", $$"""{"external_id":"a","uri":"{{uri}}"}""");
        Assert.Equal(RejectReasons.InvalidUri, SubmissionRule.ToEntry(rows.Single() with { Source = "s" }).Reason);
    }

    [Fact]
    public async Task Csv_Gzip_IsReadAndACutOneIsNot()
    {
        using var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write("external_id,uri\n"u8);
            for (var i = 0; i < 1000; i++)
            {
                gzip.Write(Encoding.UTF8.GetBytes($"{Guid.NewGuid()},u{i}\n"));
            }
        }

        Assert.Equal(1000, (await ReadAsync(new CsvFeedReader(), "feed.csv.gz", packed.ToArray())).Count);
        await Assert.ThrowsAnyAsync<Exception>(() => ReadAsync(new CsvFeedReader(), "cut.csv.gz", packed.ToArray()[..10_000]));
        Assert.Equal("csv", FeedPath.DetectFormat("/x/feed.csv.gz"));
    }

    [Fact]
    public async Task Ndjson_Zip_IsReadWhenItHoldsOneFile()
    {
        byte[] Zip(params string[] names)
        {
            using var packed = new MemoryStream();
            using (var archive = new System.IO.Compression.ZipArchive(packed, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
            {
                foreach (var name in names)
                {
                    using var entry = archive.CreateEntry(name).Open();
                    entry.Write("{\"external_id\":\"a\",\"uri\":\"http://h/a.jpg\"}"u8);
                }
            }

            return packed.ToArray();
        }

        Assert.Equal("a", (await ReadAsync(new NdjsonFeedReader(), "feed.ndjson.zip", Zip("x/feed.ndjson"))).Single().ExternalId);
        await Assert.ThrowsAsync<FeedFormatException>(() => ReadAsync(new NdjsonFeedReader(), "two.zip", Zip("a", "b")));
    }

    [Fact]
    public async Task Folder_FilesWithoutExtension_AreToldAndAnEmptyOneFails()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "a.jpg?v=12"), "x");
        var e = await Assert.ThrowsAsync<FeedFormatException>(
            () => new FolderFeedReader().ReadAsync(NewFeed(_folder, "folder"), _findings, default).ToListAsync().AsTask());
        Assert.Contains("a.jpg?v=12", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_LabelsOfOtherFiles_AreTold()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "a.jpg"), "x");
        await File.WriteAllTextAsync(Path.Combine(_folder, "labels.csv"), "path,label\nA.JPG,P\nshoes\\1.jpg,Q\na.jpg,R\n");
        var feed = NewFeed(_folder, "folder") with { KeysPath = Path.Combine(_folder, "labels.csv") };
        await new FolderFeedReader().ReadAsync(feed, _findings, default).ToListAsync();
        Assert.Equal(["2 labels match no file of the folder: A.JPG, shoes\\1.jpg"], _findings.Sentences());
    }

    private static string Sha1(string text)
    {
#pragma warning disable CA5350
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA1.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
    }

    private Task<List<Submission>> ReadAsync(IFeedReader reader, string name, string text) =>
        ReadAsync(reader, name, Encoding.UTF8.GetBytes(text));

    private async Task<List<Submission>> ReadAsync(IFeedReader reader, string name, byte[] bytes)
    {
        var path = Path.Combine(_folder, name);
        await File.WriteAllBytesAsync(path, bytes);
        return await reader.ReadAsync(NewFeed(path, reader.Format), _findings, default).ToListAsync();
    }

    private static Feed NewFeed(string path, string format) => new()
    {
        FeedId = 1, Source = "s", Path = path, Format = format, Snapshot = false, State = "running", Revision = 1,
        RowsRead = 0, Unchanged = 0, Stored = 0, Rejected = 0, Retracted = 0, SubmittedAt = DateTimeOffset.UnixEpoch,
    };
}
