using CpfPipeline.Data.Erasures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Erasures;

public sealed class TombstoneKeyFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-key-").FullName;

    private string KeyPath => Path.Combine(_folder, "state", "tombstone.key");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task ReadOrCreate_ManyAtOnce_AllHaveTheSameKeyForTheOwnerOnly()
    {
        var keys = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => TombstoneKeyFile.ReadOrCreate(KeyPath))));

        Assert.Single(keys.Select(key => Convert.ToHexString(key.Check)).Distinct());
        Assert.Equal([KeyPath, KeyPath + ".lock"], Directory.GetFiles(Path.GetDirectoryName(KeyPath)!).Order());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyPath));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyPath + ".lock"));
        }
    }

    [Fact]
    public void ReadOrCreate_SomethingElseInTheFile_IsRefusedAndLeftAlone()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(KeyPath)!);
        File.WriteAllText(KeyPath, "half a k");

        Assert.Contains(
            KeyPath, Assert.Throws<TombstoneKeyException>(() => TombstoneKeyFile.ReadOrCreate(KeyPath)).Message, StringComparison.Ordinal);
        Assert.Equal("half a k", File.ReadAllText(KeyPath));
    }
}
