using CpfPipeline.Cli;
using CpfPipeline.Cli.Feeds;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Feeds;

public sealed class RejectionsFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-rejections-").FullName;

    [Fact]
    public async Task WriteAsync_RowsWithAndWithoutNumber_IsCsv()
    {
        var path = Path.Combine(_folder, "r.csv");
        await using (var file = RejectionsFile.Create(path))
        {
            await file.WriteAsync(
                new RejectedInput[] { new(1234, "a,b", "empty", "said \"no\""), new(null, "ü", "truncated", null) }.ToAsyncEnumerable(),
                CancellationToken.None);
        }

        Assert.Equal(
            "row,external_id,reason,detail\n1234,\"a,b\",empty,\"said \"\"no\"\"\"\n,ü,truncated,\n",
            await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Create_NoSuchFolder_IsWrongUsage() =>
        Assert.Equal(
            ExitCode.Usage, Assert.Throws<CommandException>(() => RejectionsFile.Create(Path.Combine(_folder, "none", "r.csv"))).ExitCode);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
