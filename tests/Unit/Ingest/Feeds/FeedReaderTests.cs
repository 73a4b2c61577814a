using System.Text;
using CpfPipeline.Ingest.Feeds;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Vocabulary;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Feeds;

public sealed class FeedReaderTests : FeedReading
{
    private static readonly string[] Titles = ["plain", "\"open", "close\"", "12\" x", "\"quoted, well\"", "\"a\"\"b\""];

    [Fact]
    public async Task Csv_QuotesBlankLinesAndRelativePaths_AreRead()
    {
        var rows = await ReadAsync(new CsvFeedReader(), "feed.csv",
            "external_id,uri,Product Key,key_scope,revision\r\n\"a,1\",pics/a "
                + "b.jpg,\"k\"\"1\",global,7\r\n\r\n\"two\nlines\",https://h/x.jpg,,,\r\n");
        Assert.Equal(2, rows.Count);
        Assert.Equal(new Submission { ExternalId = "a,1", Uri = ImageUri.FromPath($"{Folder}/pics/a b.jpg"), ProductKey = "k\"1",
            KeyScope = "global", Revision = 7 }, rows[0]);
        Assert.Equal(new Submission { ExternalId = "two\nlines", Uri = "https://h/x.jpg" }, rows[1]);
    }

    [Fact]
    public async Task Csv_MalformedRows_AreReportedAndTheRestIsRead()
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
    public async Task Ndjson_BadLine_IsReportedAndTheRestIsRead()
    {
        var rows = await ReadAsync(
            new NdjsonFeedReader(), "feed.ndjson",
            "{\"external_id\":\"a\",\"uri\":\"a.jpg\"}\n{oops\n\n{\"externalId\":2,\"uri\":\"http://h/\",\"revision\":3}");
        Assert.Equal(3, rows.Count);
        Assert.Equal(ImageUri.FromPath($"{Folder}/a.jpg"), rows[0].Uri);
        Assert.Contains("Line 2", rows[1].Problem, StringComparison.Ordinal);
        Assert.Equal(("2", 3L), (rows[2].ExternalId, rows[2].Revision));
    }

    [Fact]
    public async Task Csv_ZeroInAPath_IsReportedAndTheRestIsRead()
    {
        var rows = await ReadAsync(new CsvFeedReader(), "feed.csv", "external_id,uri\na,x\0.jpg\nb,y.jpg\n");
        Assert.Contains("Line 2", rows[0].Problem, StringComparison.Ordinal);
        Assert.Equal(ImageUri.FromPath($"{Folder}/y.jpg"), rows[1].Uri);
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

    // Listed as a whole, an archive of gigabytes of such entries took ten times as much memory.
    [Fact]
    public async Task Ndjson_ZipThatListsVeryManyFiles_IsRefusedUnlisted()
    {
        const int Files = 30_000;
        byte[] entry = [.. "PK\u0001\u0002"u8, .. new byte[24], 1, .. new byte[17], (byte)'/'];
        byte[] count = [Files % 256, Files / 256];
        byte[] size = BitConverter.GetBytes(Files * entry.Length);
        byte[] file = [.. "PK\u0003\u0004"u8, .. new byte[26], .. Enumerable.Repeat(entry, Files).SelectMany(b => b),
            .. "PK\u0005\u0006"u8, .. new byte[4], .. count, .. count, .. size, .. BitConverter.GetBytes(30), .. new byte[2]];

        var e = await Assert.ThrowsAsync<FeedFormatException>(() => ReadAsync(new NdjsonFeedReader(), "many.zip", file));

        Assert.Contains("lists too many files", e.Message, StringComparison.Ordinal);
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
}
