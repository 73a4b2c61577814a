using CpfPipeline.Ingest.Api;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Api;

public sealed class FeedRequestRuleTests : IDisposable
{
    private static readonly string[] Formats = ["folder", "csv", "ndjson", "merchant_tsv", "merchant_xml"];
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-request-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("https://shop.example/feed.csv", null, "csv")]
    [InlineData("https://shop.example/feed.xml.gz?key=1", null, "merchant_xml")]
    [InlineData("https://shop.example/export.php?type=csv", null, "auto")]
    [InlineData("https://shop.example/", null, "auto")]
    [InlineData("https://shop.example/feed.tsv", null, "auto")]
    [InlineData("https://shop.example/feed.txt.gz", null, "auto")]
    [InlineData("https://shop.example/feed.csv", "tsv", "merchant_tsv")]
    public void Check_Url_TellsItsFormat(string url, string? format, string expected)
    {
        var (feed, problem) = FeedRequestRule.Check(new FeedRequest { Source = "s", Url = url, Format = format }, Formats, 5);
        Assert.Null(problem);
        Assert.Equal((url, null, expected, 5L), (feed!.Url, feed.Path, feed.Format, feed.Revision));
    }

    [Theory]
    [InlineData("feed.txt", null, "merchant_tsv")]
    [InlineData("feed.csv.gz", null, "csv")]
    [InlineData("feed.data", "xml", "merchant_xml")]
    [InlineData("feed.csv", "jsonl", "ndjson")]
    [InlineData("", null, "folder")]
    public void Check_Path_TellsItsFormat(string name, string? format, string expected)
    {
        var path = Path.Combine(_folder, name);
        if (name.Length > 0)
        {
            File.WriteAllText(path, "x");
        }

        var (feed, problem) = FeedRequestRule.Check(new FeedRequest { Source = "s", Path = path, Format = format }, Formats, 5);
        Assert.Null(problem);
        Assert.Equal(expected, feed!.Format);
    }

    [Theory]
    [InlineData(null, null, null, "either path or url")]
    [InlineData("/", "https://shop.example/feed.csv", null, "either path or url")]
    [InlineData(null, "ftp://shop.example/feed.csv", null, "ftp")]
    [InlineData(null, "file:///etc/passwd", null, "http")]
    [InlineData(null, "//shop.example/feed.csv", null, "url")]
    [InlineData(null, "https://user:secret@shop.example/feed.csv", null, "password")]
    [InlineData(null, "https://shop.example/feed.csv", "parquet", "merchant_tsv")]
    [InlineData(null, "https://shop.example/a.jpg", null, "POST /images")]
    [InlineData(null, "https://shop.example/a.jpg", "folder", "POST /images")]
    [InlineData("relative.csv", null, null, "full path")]
    [InlineData("/nowhere/at/all.csv", null, null, "There is no")]
    [InlineData("/", null, "csv", "is a folder")]
    public void Check_Malformed_SaysWhatIsWrong(string? path, string? url, string? format, string problem)
    {
        var (feed, said) = FeedRequestRule.Check(new FeedRequest { Source = "s", Path = path, Url = url, Format = format }, Formats, 5);
        Assert.Null(feed);
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("external_id\turi\na\tb\n", "csv")]
    [InlineData("id\timage_link\na\tb\n", "merchant_tsv")]
    [InlineData("id\timage_link\texternal_id\na\tb\tc\n", "merchant_tsv")]
    [InlineData("ID\timage link\texternal_id\turi\na\tb\tc\td\n", "merchant_tsv")]
    [InlineData("id\texternal_id\na\tb\n", "merchant_tsv")]
    [InlineData("\"External ID\"\t\"URI\"\na\tb\n", "csv")]
    [InlineData("", "merchant_tsv")]
    public void Check_TabSeparatedText_IsToldByItsHeader(string text, string format)
    {
        var path = Path.Combine(_folder, "feed.tsv");
        File.WriteAllText(path, text);
        Assert.Equal(format, FeedRequestRule.Check(new FeedRequest { Source = "s", Path = path }, Formats, 5).Feed!.Format);
    }

    [Fact]
    public void Check_PathOfAPicture_NamesTheWayForPictures()
    {
        var path = Path.Combine(_folder, "one.JPG");
        File.WriteAllText(path, "x");
        var (feed, said) = FeedRequestRule.Check(new FeedRequest { Source = "s", Path = path }, Formats, 5);
        Assert.Null(feed);
        Assert.Contains("POST /images/upload", said, StringComparison.Ordinal);
    }
}
