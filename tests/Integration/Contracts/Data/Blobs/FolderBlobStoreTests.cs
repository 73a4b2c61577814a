using System.Security.Cryptography;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Blobs;

public sealed class FolderBlobStoreTests : IDisposable
{
    private static readonly byte[] Sha256 = SHA256.HashData("blob"u8);
    private static readonly string Name = Convert.ToHexStringLower(Sha256);
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-blobs-").FullName;

    private FolderBlobStore Store => new(_folder);

    private string PathOf => Path.Combine(_folder, Name[..2], Name[2..4], Name);

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
    public async Task List_BlobsAndOtherFiles_GivesBlobsAndUnfinishedWritesByFirstByte()
    {
        await Store.WriteAsync(Sha256, new byte[1], default);
        var unfinished = SHA256.HashData("unfinished"u8);
        await Store.WriteAsync(unfinished, new byte[1], default);
        var path = Directory.EnumerateFiles(_folder, Convert.ToHexStringLower(unfinished), SearchOption.AllDirectories).Single();
        File.Move(path, path + ".0.tmp");
        await File.WriteAllTextAsync(Path.Combine(_folder, "tombstone.key"), "");
        await File.WriteAllTextAsync(Path.Combine(_folder, Name[..2], "notes.txt"), "");
        await File.WriteAllTextAsync(Path.Combine(_folder, Name[..2], Name), "");

        var blobs = Enumerable.Range(0, 256)
            .SelectMany(b => Store.List((byte)b).Select(blob => (First: b, Name: Convert.ToHexStringLower(blob.Sha256)))).Order();

        Assert.Equal(new[] { Sha256, unfinished }.Select(s => ((int)s[0], Convert.ToHexStringLower(s))).Order(), blobs);
    }

    [Fact]
    public async Task DeleteOlderAsync_WrittenAgain_StaysAlthoughItsBytesAreOld()
    {
        await Store.WriteAsync(Sha256, new byte[1], default);
        var past = TimeProvider.System.GetUtcNow().AddDays(-2);
        File.SetLastWriteTimeUtc(PathOf, past.UtcDateTime);
        await Store.WriteAsync(Sha256, new byte[1], default);

        await Store.DeleteOlderAsync(Sha256, past.AddDays(1), default);
        Assert.True(await Store.ExistsAsync(Sha256, default));

        File.SetLastWriteTimeUtc(PathOf, past.UtcDateTime);
        await Store.DeleteOlderAsync(Sha256, past.AddDays(1), default);
        Assert.False(await Store.ExistsAsync(Sha256, default));
    }

    [Fact]
    public async Task OpenAsync_BlobAndRenditions_GivesTheirBytesOrNull()
    {
        Assert.Null(await Store.OpenAsync(Sha256, null, default));
        Assert.Null(await Store.OpenAsync(Sha256, Rendition.Small, default));
        await Store.WriteAsync(Sha256, new byte[] { 1, 2 }, default);
        await Store.WriteRenditionAsync(Sha256, Rendition.Small, new byte[] { 3 }, default);

        Assert.Equal([1, 2], await ReadAsync(null));
        Assert.Equal([3], await ReadAsync(Rendition.Small));
        Assert.Null(await Store.OpenAsync(Sha256, Rendition.Large, default));
        Assert.Equal([1, 2], await Store.ReadAsync(Sha256, default));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("")]
    public async Task Rendition_UnknownName_IsNoPath(string rendition)
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.OpenAsync(Sha256, rendition, default));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.WriteRenditionAsync(Sha256, rendition, new byte[1], default));
    }

    [Fact]
    public async Task DeleteAsync_BlobWithRenditions_LeavesNoFile()
    {
        var other = SHA256.HashData("another"u8);
        await Store.WriteRenditionAsync(other, Rendition.Small, new byte[1], default);
        await Store.WriteAsync(Sha256, new byte[1], default);
        foreach (var rendition in Rendition.All)
        {
            await Store.WriteRenditionAsync(Sha256, rendition, new byte[1], default);
        }

        File.Copy(PathOf, PathOf + ".320.webp.0.tmp"); // What a crash leaves.
        Assert.Equal(5, Enumerable.Count(Store.List(Sha256[0]), b => b.Sha256.AsSpan().SequenceEqual(Sha256)));

        await Store.DeleteAsync(Sha256, default);

        Assert.Equal(
            [Convert.ToHexStringLower(other) + ".320.webp"],
            Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(Path.GetFileName));
    }

    [Fact]
    public async Task DeleteOlderAsync_RenditionWhoseBlobIsGone_GoesWhenItIsOld()
    {
        await Store.WriteRenditionAsync(Sha256, Rendition.Small, new byte[1], default);
        var now = TimeProvider.System.GetUtcNow();

        await Store.DeleteOlderAsync(Sha256, now.AddHours(-1), default);
        Assert.Single(Store.List(Sha256[0]));

        await Store.DeleteOlderAsync(Sha256, now.AddHours(1), default);
        Assert.Empty(Store.List(Sha256[0]));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<byte[]> ReadAsync(string? rendition)
    {
        await using var stream = await Store.OpenAsync(Sha256, rendition, default);
        var bytes = new MemoryStream();
        await stream!.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private void AssertUnnamed(IOException e)
    {
        Assert.Null(e.InnerException);
        Assert.Contains(_folder, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Name[..2] + Path.DirectorySeparatorChar, e.Message + "/", StringComparison.Ordinal);
        Assert.DoesNotContain(Name, e.ToString(), StringComparison.Ordinal);
    }
}
