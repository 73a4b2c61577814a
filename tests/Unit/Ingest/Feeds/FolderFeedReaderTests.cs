using CpfPipeline.Ingest.Feeds;
using CpfPipeline.Ingest.Fetching;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Feeds;

public sealed class FolderFeedReaderTests : FeedReading
{
    [Fact]
    public async Task Folder_ZeroInAKeysPath_FailsWithTheLine()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "labels.csv"), "path,label\na\0.jpg,P\n");
        var feed = NewFeed(Folder, "folder") with { KeysPath = Path.Combine(Folder, "labels.csv") };
        var e = await Assert.ThrowsAsync<FeedFormatException>(
            () => new FolderFeedReader().ReadAsync(feed, Findings, default).ToListAsync().AsTask());
        Assert.Contains("line 2", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_WithKeys_ListsImagesInOrder()
    {
        foreach (var file in new[] { "b.jpg", "a/2.PNG", "a/1.jpg", ".hidden.jpg", ".git/x.jpg", "notes.txt", "labels.csv" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Folder, file))!);
            await File.WriteAllTextAsync(Path.Combine(Folder, file), "x");
        }

        Directory.CreateSymbolicLink(Path.Combine(Folder, "loop"), Folder);
        await File.WriteAllTextAsync(
            Path.Combine(Folder, "labels.csv"), "path,label,split\na/1.jpg,P1,train\n./b.jpg,P2,distractor\na/2.PNG,,test\n");
        var feed = NewFeed(Folder, "folder") with { KeysPath = Path.Combine(Folder, "labels.csv") };
        var rows = await new FolderFeedReader().ReadAsync(feed, Findings, default).ToListAsync();
        Assert.Equal([("a/1.jpg", "P1"), ("a/2.PNG", null), ("b.jpg", null)], rows.Select(r => (r.ExternalId!, r.ProductKey)));

        // The labels are no picture that is missed.
        Assert.Equal(["1 files left out for their extension: notes.txt"], Findings.Sentences());
    }

    [Fact]
    public async Task Folder_PictureWithTwoKeys_FailsWithBothLines()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "labels.csv"), "path,label\na.jpg,P\nb.jpg,Q\n./a.jpg,R\n");
        var feed = NewFeed(Folder, "folder") with { KeysPath = Path.Combine(Folder, "labels.csv") };
        var e = await Assert.ThrowsAsync<FeedFormatException>(
            () => new FolderFeedReader().ReadAsync(feed, Findings, default).ToListAsync().AsTask());
        Assert.Contains("./a.jpg (line 2 and line 4)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_OtherSplitsAndEqualLinesAgain_GiveTheirKeys()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "a.jpg"), "x");
        await File.WriteAllTextAsync(Path.Combine(Folder, "b.jpg"), "x");
        await File.WriteAllTextAsync(
            Path.Combine(Folder, "labels.csv"), "path,label,split\na.jpg,P,query\nb.jpg,Q,distractor\n./a.jpg,P,gallery\n");
        var feed = NewFeed(Folder, "folder") with { KeysPath = Path.Combine(Folder, "labels.csv") };

        var rows = await new FolderFeedReader().ReadAsync(feed, Findings, default).ToListAsync();

        Assert.Equal([("a.jpg", "P"), ("b.jpg", null)], rows.Select(r => (r.ExternalId!, r.ProductKey)));
        Assert.Empty(Findings.Sentences());
    }

    [Fact]
    public void RealPath_LinkOutOfTheFolder_IsSeen()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "in"));
        Directory.CreateSymbolicLink(Path.Combine(Folder, "in", "out"), "/etc");
        var folder = RealPath.Resolve(Path.Combine(Folder, "in"))!;
        Assert.Equal("/etc/passwd", RealPath.Resolve($"{folder}/out/passwd"));
        Assert.False(RealPath.IsBelow(RealPath.Resolve($"{folder}/../x")!, folder));
        Assert.True(RealPath.IsBelow(RealPath.Resolve($"{folder}/./y/../x")!, folder));
    }

    [Theory]
    [InlineData("/a b/%20#?ü😀.jpg")]
    [InlineData("/plain/x.jpg")]
    public void ImageUri_PathAndBack_IsTheSame(string path) => Assert.Equal(path, ImageUri.ToPath(ImageUri.FromPath(path)));

    [Fact]
    public async Task Folder_FilesWithoutExtension_AreListedAndAnEmptyFolderFails()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "a.jpg?v=12"), "x");
        var e = await Assert.ThrowsAsync<FeedFormatException>(
            () => new FolderFeedReader().ReadAsync(NewFeed(Folder, "folder"), Findings, default).ToListAsync().AsTask());
        Assert.Contains("a.jpg?v=12", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("A.JPG,P\nb.jpg,Q\n", "no label matches a file of the folder; the first is A.JPG")]
    [InlineData("", "no row below the header")]
    public async Task Folder_LabelsOfNoFileAtAll_FailBeforeAnyPictureLosesItsKey(string rows, string problem)
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "a.jpg"), "x");
        await File.WriteAllTextAsync(Path.Combine(Folder, "labels.csv"), "path,label\n" + rows);
        var feed = NewFeed(Folder, "folder") with { KeysPath = Path.Combine(Folder, "labels.csv") };
        var e = await Assert.ThrowsAsync<FeedFormatException>(
            () => new FolderFeedReader().ReadAsync(feed, Findings, default).ToListAsync().AsTask());
        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_LabelsOfOtherFiles_AreListed()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "a.jpg"), "x");
        await File.WriteAllTextAsync(Path.Combine(Folder, "labels.csv"), "path,label\nA.JPG,P\nshoes\\1.jpg,Q\na.jpg,R\n");
        var feed = NewFeed(Folder, "folder") with { KeysPath = Path.Combine(Folder, "labels.csv") };
        await new FolderFeedReader().ReadAsync(feed, Findings, default).ToListAsync();
        Assert.Equal(["2 labels match no file of the folder: A.JPG, shoes\\1.jpg"], Findings.Sentences());
    }
}
