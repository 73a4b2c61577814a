using CpfPipeline.Data.Blobs;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Blobs;

public sealed class FolderBlobStoreTests : BlobStoreContract, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-blobs-").FullName;

    private protected override IBlobStore Store => new FolderBlobStore(_folder);

    private protected override IReadOnlyList<string> Kept =>
        [.. Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(p => Path.GetFileName(p)!).Order()];

    private string PathOf => PathIn(Sha256);

    [Fact]
    public async Task AnyCall_BrokenFile_IsReportedWithoutTheHash()
    {
        Directory.CreateDirectory(PathOf); // No file of that name can be read, written or deleted.

        var errors = new[]
        {
            await Assert.ThrowsAsync<IOException>(() => Store.ReadAsync(Sha256, default)),
            await Assert.ThrowsAsync<IOException>(() => Store.OpenAsync(Sha256, null, default)),
            await Assert.ThrowsAsync<IOException>(() => Store.WriteAsync(Sha256, new byte[1], default)),
            await Assert.ThrowsAsync<IOException>(() => Store.DeleteAsync(Sha256, default)),
        };

        Assert.All(errors, AssertUnnamed);
    }

    [Fact]
    public async Task WriteAsync_BrokenFolder_IsReportedWithoutTheHash()
    {
        Directory.CreateDirectory(_folder);
        await File.WriteAllTextAsync(Path.Combine(_folder, Name[..2]), "");

        AssertUnnamed(await Assert.ThrowsAsync<IOException>(() => Store.WriteAsync(Sha256, new byte[1], default)));
    }

    [Fact]
    public async Task ListAsync_FilesThatAreNoBlobs_LeavesThemOut()
    {
        await Store.WriteAsync(Sha256, Bytes, default);
        await File.WriteAllTextAsync(Path.Combine(_folder, Name[..2], "ff notes.txt"), "");
        await File.WriteAllTextAsync(Path.Combine(_folder, Name[..2], Name), "");

        Assert.Equal([Name], (await ListAsync()).Select(b => Convert.ToHexStringLower(b.Sha256)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private protected override void Age(byte[] sha256, TimeSpan by)
    {
        foreach (var file in Directory.EnumerateFiles(_folder, Convert.ToHexStringLower(sha256) + "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(file) - by);
        }
    }

    private protected override void LeaveUnfinished(byte[] sha256)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathIn(sha256))!);
        File.WriteAllText(PathIn(sha256) + ".0.tmp", "half");
    }

    private protected override void Damage(byte[] sha256, byte[] bytes) => File.WriteAllBytes(PathIn(sha256), bytes);

    private string PathIn(byte[] sha256) => Path.Combine(_folder, BlobName.Of(sha256));

    private void AssertUnnamed(IOException e)
    {
        Assert.Null(e.InnerException);
        Assert.Contains(_folder, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Name[..2] + Path.DirectorySeparatorChar, e.Message + "/", StringComparison.Ordinal);
        Assert.DoesNotContain(Name, e.ToString(), StringComparison.Ordinal);
    }
}
