using System.Security.Cryptography;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Erasures;
using CpfPipeline.Data.Files;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Files;

/// <summary>What is promised to survive a power cut is flushed with the folder that holds its name, and the folders above it.</summary>
public sealed class DurableFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-durable-").FullName;
    private readonly List<string> _flushed = [];

    // What lay in the folder when it was flushed.
    private DurableFiles Files => new(folder =>
    {
        FolderFlush.Run(folder);
        _flushed.AddRange(Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetRelativePath(_folder, path)));
    });

    [Fact]
    public async Task BlobStore_Write_FlushesTheNameAndTheNewFolders()
    {
        var sha256 = SHA256.HashData("blob"u8);
        var name = BlobName.Of(sha256);

        await new FolderBlobStore(Path.Combine(_folder, "blobs"), Files).WriteAsync(sha256, "blob"u8.ToArray(), default);

        Assert.Equal(["blobs", $"blobs/{name[..2]}", $"blobs/{name[..5]}", $"blobs/{name}"], _flushed);
    }

    [Fact]
    public void ErasureRecords_Write_FlushesTheNameAndTheNewFolders()
    {
        var tombstone = new string('a', 64);

        new ErasureRecords(_folder, Files).Write(new ErasureRecord
        {
            ErasureId = 1, Scope = "image", Tombstone = tombstone, KeyCheck = tombstone, RequestedAt = DateTimeOffset.UnixEpoch, Who = "x",
        });

        Assert.Equal(["aa", $"aa/{tombstone}.json"], _flushed);
    }

    [Fact]
    public void TombstoneKeyFile_Create_FlushesTheNameAndTheNewFolders()
    {
        TombstoneKeyFile.ReadOrCreate(Path.Combine(_folder, "state", "tombstone.key"), Files);

        Assert.Equal(["state", "state/tombstone.key", "state/tombstone.key.lock"], _flushed.Order());
    }

    [Fact]
    public void FolderFlush_FolderThatIsNotThere_Fails()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The file system of Windows flushes names itself.");

        FolderFlush.Run(_folder);
        Assert.Contains("gone", Assert.Throws<IOException>(
            () => FolderFlush.Run(Path.Combine(_folder, "gone"))).Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
