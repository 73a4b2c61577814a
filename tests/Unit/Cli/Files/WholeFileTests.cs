using CpfPipeline.Cli;
using CpfPipeline.Cli.Files;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Files;

public sealed class WholeFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-file-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string At => Path.Combine(_folder, "g.html");

    [Fact]
    public async Task Keep_AWholeFile_TakesThePlaceOfTheOneBefore()
    {
        await File.WriteAllTextAsync(At, "before", Token);
        await using (var file = WholeFile.Create(At, "--html"))
        {
            await file.Stream.WriteAsync("after"u8.ToArray(), Token);
            Assert.Equal("before", await File.ReadAllTextAsync(At, Token));
            Assert.Equal(5, file.Keep());
        }

        Assert.Equal("after", await File.ReadAllTextAsync(At, Token));
        Assert.Equal([At], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task DisposeAsync_NotKept_LeavesWhatWasThere()
    {
        await using (var file = WholeFile.Create(At, "--html"))
        {
            await file.Stream.WriteAsync("half"u8.ToArray(), Token);
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Keep_PathIsALink_ReplacesWhatItLeadsTo()
    {
        var link = Path.Combine(_folder, "link.html");
        File.CreateSymbolicLink(link, At);
        await File.WriteAllTextAsync(At, "before", Token);
        await using (var file = WholeFile.Create(link, "--html"))
        {
            await file.Stream.WriteAsync("after"u8.ToArray(), Token);
            file.Keep();
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
        var e = Assert.Throws<CommandException>(() => WholeFile.Create(Path.Combine(_folder, path), "--html"));
        Assert.Equal(ExitCode.Usage, e.ExitCode);
        Assert.StartsWith("--html: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
