using CpfPipeline.Ingest.Fetching;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Fetching;

public sealed class FileComparisonTests : IDisposable
{
    private static readonly TimeSpan Coarseness = TimeSpan.FromSeconds(2);
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-compare-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void IsSame_OtherBytesWithAnOldTime_IsNot()
    {
        var path = Path.Combine(_folder, "a.gif");
        File.WriteAllText(path, "one");
        var created = File.GetCreationTimeUtc(path);
        var fetched = new DateTimeOffset(created, TimeSpan.Zero) + Coarseness + TimeSpan.FromTicks(1);
        Assert.True(NewComparison().IsSame(ImageUri.FromPath(path), fetched + Coarseness, 3));

        // The clock of the file system has moved on.
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                File.WriteAllText(path, "two");
                return File.GetLastWriteTimeUtc(path) > created;
            },
            TimeSpan.FromSeconds(10)));
        File.SetLastWriteTimeUtc(path, created.AddDays(-1));

        Assert.False(NewComparison().IsSame(ImageUri.FromPath(path), fetched, 3));
    }

    [Fact]
    public void Find_NoFile_IsNull() => Assert.Null(FileChangeTime.Find(Path.Combine(_folder, "none")));

    private static FileComparison NewComparison() => new(_ => true);
}
