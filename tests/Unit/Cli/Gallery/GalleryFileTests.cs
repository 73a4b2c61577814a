using CpfPipeline.Cli;
using CpfPipeline.Cli.Gallery;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Gallery;

public sealed class GalleryFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-gallery-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string At => Path.Combine(_folder, "g.html");

    [Fact]
    public async Task FinishAsync_AWholeFile_TakesThePlaceOfTheOneBefore()
    {
        await File.WriteAllTextAsync(At, "before", Token);
        await using (var file = GalleryFile.Create(At))
        {
            await file.WriteAsync("ü", Token);
            await file.WriteAsync(Html.Trusted("<p>"), Token);
            Assert.Equal("before", await File.ReadAllTextAsync(At, Token));
            Assert.Equal(9, await file.FinishAsync(Token)); // No byte order mark.
        }

        Assert.Equal("&#252;<p>", await File.ReadAllTextAsync(At, Token));
        Assert.Equal([At], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task DisposeAsync_NotFinished_LeavesWhatWasThere()
    {
        await using (var file = GalleryFile.Create(At))
        {
            await file.WriteAsync("half", Token);
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task FinishAsync_PathIsALink_ReplacesWhatItLeadsTo()
    {
        var link = Path.Combine(_folder, "link.html");
        File.CreateSymbolicLink(link, At);
        await File.WriteAllTextAsync(At, "before", Token);
        await using (var file = GalleryFile.Create(link))
        {
            await file.WriteAsync("after", Token);
            await file.FinishAsync(Token);
        }

        Assert.Equal("after", await File.ReadAllTextAsync(At, Token));
        Assert.NotNull(new FileInfo(link).LinkTarget);
    }

    [Theory]
    [InlineData("", "is a folder")]
    [InlineData("none/g.html", "cannot be written")]
    [InlineData("/dev/null", "is a device")]
    [InlineData("/", "is a folder")]
    public void Create_NoPlaceForAFile_IsWrongUsage(string path, string words)
    {
        var e = Assert.Throws<CommandException>(() => GalleryFile.Create(Path.Combine(_folder, path)));
        Assert.Equal(ExitCode.Usage, e.ExitCode);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
