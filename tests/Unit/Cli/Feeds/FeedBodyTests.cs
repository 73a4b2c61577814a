using CpfPipeline.Cli;
using CpfPipeline.Cli.Feeds;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Feeds;

public sealed class FeedBodyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-feed-").FullName;

    [Theory]
    [InlineData("spring.csv")]
    [InlineData("spring.NDJSON")]
    [InlineData("spring.jsonl")]
    [InlineData("spring.tsv")]
    [InlineData("spring.txt")]
    [InlineData("spring.xml")]
    [InlineData("spring.csv.gz")]
    [InlineData("spring.xml.zip")]
    public void Of_FeedFile_TakesItsSourceFromItsNameAndLeavesTheFormatToIngest(string name)
    {
        var path = Write(name);

        Assert.Equal(new FeedBody(path, "spring", null, null, false), FeedBody.Of(path, null, null, false));
        Assert.Equal("shop", FeedBody.Of(path, "shop", null, false).Source);
        Assert.Equal("csv", FeedBody.Of(path, null, null, false, "csv").Format);
    }

    [Fact]
    public void Of_FolderWithKeys_HasFullPaths()
    {
        var keys = Write("labels.csv");

        Assert.Equal(new FeedBody(_folder, "shop", "folder", keys, true), FeedBody.Of(_folder + "/", "shop", keys, true));
    }

    [Fact]
    public void Of_FolderWithoutSource_SaysThatItIsNeeded() => AssertUsage("--source", () => FeedBody.Of(_folder, null, null, false));

    [Fact]
    public void Of_MissingPath_NamesIt() =>
        AssertUsage("gone.csv", () => FeedBody.Of(Path.Combine(_folder, "gone.csv"), null, null, false));

    [Fact]
    public void Of_MissingKeys_NamesThem() =>
        AssertUsage("keys.csv", () => FeedBody.Of(_folder, "s", Path.Combine(_folder, "keys.csv"), false));

    [Fact]
    public void Of_KeysWithFeedFile_IsRefused() =>
        AssertUsage("--keys", () => FeedBody.Of(Write("a.csv"), null, Write("labels.csv"), false));

    [Fact]
    public void Of_UnknownExtension_NamesWhatIsKnown() => AssertUsage(".ndjson", () => FeedBody.Of(Write("feed.xlsx"), null, null, false));

    [Fact]
    public void Of_EmptySource_IsRefused() => AssertUsage("--source", () => FeedBody.Of(_folder, " ", null, false));

    [Fact]
    public void Of_FormatGiven_TakesTheFileWhateverItsName()
    {
        var path = Write("feed.dat");

        Assert.Equal(new FeedBody(path, "feed", "csv", null, false), FeedBody.Of(path, null, null, false, "csv"));
        AssertUsage("is a folder", () => FeedBody.Of(_folder, "s", null, false, "csv"));
        AssertUsage("no folder", () => FeedBody.Of(path, "s", null, false, "folder"));
    }

    [Fact]
    public void Of_Address_IsPassedOnUnchanged()
    {
        var feed = FeedBody.Of("https://shop.example/feed?id=1", "shop", null, true, maxRetract: "30%");

        Assert.Equal(new FeedBody(null, "shop", null, null, true) { Url = "https://shop.example/feed?id=1", MaxRetract = 0.3 }, feed);
        AssertUsage("--source", () => FeedBody.Of("https://shop.example/feed.xml", null, null, false));
        AssertUsage("--keys", () => FeedBody.Of("https://shop.example/feed.xml", "shop", Write("labels.csv"), false));
    }

    [Theory]
    [InlineData("30%", 0.3)]
    [InlineData("0.25", 0.25)]
    [InlineData("100%", 1)]
    [InlineData("0", 0)]
    public void Of_MaxRetract_IsAShare(string text, double share) =>
        Assert.Equal(share, FeedBody.Of(_folder, "s", null, true, maxRetract: text).MaxRetract);

    [Theory]
    [InlineData("30")]
    [InlineData("-1%")]
    [InlineData("101%")]
    [InlineData("NaN")]
    [InlineData("")]
    public void Of_MaxRetractThatIsNoShare_SaysWhatItTakes(string text) =>
        AssertUsage("--max-retract", () => FeedBody.Of(_folder, "s", null, true, maxRetract: text));

    [Fact]
    public void Of_MaxRetractWithoutSnapshot_IsRefused() =>
        AssertUsage("--snapshot", () => FeedBody.Of(_folder, "s", null, false, maxRetract: "0.3"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void AssertUsage(string part, Action action)
    {
        var e = Assert.Throws<CommandException>(action);
        Assert.Equal(ExitCode.Usage, e.ExitCode);
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
    }

    private string Write(string name)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, "");
        return path;
    }
}
