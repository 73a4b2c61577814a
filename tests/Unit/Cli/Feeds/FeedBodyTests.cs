using CpfPipeline.Cli;
using CpfPipeline.Cli.Feeds;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Feeds;

public sealed class FeedBodyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-feed-").FullName;

    [Theory]
    [InlineData("spring.csv", "csv")]
    [InlineData("spring.NDJSON", "ndjson")]
    [InlineData("spring.jsonl", "ndjson")]
    [InlineData("spring.tsv", "merchant_tsv")]
    [InlineData("spring.txt", "merchant_tsv")]
    [InlineData("spring.xml", "merchant_xml")]
    public void Of_FeedFile_TakesFormatAndSourceFromItsName(string name, string format)
    {
        var path = Write(name);

        Assert.Equal(new FeedBody(path, "spring", format, null, false), FeedBody.Of(path, null, null, false));
        Assert.Equal("shop", FeedBody.Of(path, "shop", null, false).Source);
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
