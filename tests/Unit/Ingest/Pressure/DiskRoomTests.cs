using CpfPipeline.Ingest.Pressure;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Pressure;

public sealed class DiskRoomTests
{
    [Fact]
    public void FreeShare_OfAFolder_IsThatOfItsDisk()
    {
        var drive = new DriveInfo(Path.GetTempPath());

        var share = DiskRoom.FreeShare(Path.Combine(Path.GetTempPath(), "not", "there", "yet"))!.Value;

        Assert.InRange(share, 0.0001, ((double)drive.AvailableFreeSpace / drive.TotalSize) + 0.02);
    }

    [Fact]
    public async Task FreeShareAsync_SeveralFolders_GivesTheLeast()
    {
        string[] folders = [Path.GetTempPath(), "/proc", "/"];

        Assert.Null(DiskRoom.FreeShare("/proc"));
        Assert.Null(await new DiskRoom(folders).FreeShareAsync(
            TimeSpan.FromSeconds(5), TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.Equal(
            Math.Min(DiskRoom.FreeShare(Path.GetTempPath())!.Value, DiskRoom.FreeShare("/")!.Value),
            (await new DiskRoom([folders[0], folders[2]]).FreeShareAsync(
                TimeSpan.FromSeconds(5), TimeProvider.System, TestContext.Current.CancellationToken))!.Value, 0.01);
    }
}
