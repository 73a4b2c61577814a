using CpfPipeline.Cli;
using CpfPipeline.Cli.Backups;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Backups;

public sealed class KeysFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-keys-").FullName;

    private BackupSource Source => new(
        "", Path.Combine(_folder, "blobs"), "", Path.Combine(_folder, "tombstone.key"), Path.Combine(_folder, "state.json"), "");

    private BackupFolder Backup => new(Path.Combine(_folder, "backup"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Write_KeyAndState_AreReadAgainWithoutPortsByTheOwnerOnly()
    {
        File.WriteAllText(Source.TombstoneKey, "abc\n");
        File.WriteAllText(Source.State, """{"ports": {"postgres": 1}, "owner_password": "p"}""");
        var path = Path.Combine(_folder, "keys.json");

        KeysFile.Write(Source, path, Backup);

        Assert.Equal("abc", KeysFile.ReadKey(path));
        Assert.Equal("""{"owner_password":"p"}""", KeysFile.ReadState(path));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }

    [Fact]
    public void Write_IntoTheBackup_IsRefused() => Assert.Equal(
        ExitCode.Usage,
        Assert.Throws<CommandException>(() => KeysFile.Write(Source, Path.Combine(Backup.Root, "keys.json"), Backup)).ExitCode);

    [Fact]
    public void ReadKey_SomethingElse_IsRefused()
    {
        var path = Path.Combine(_folder, "other");
        File.WriteAllText(path, "no json");
        Assert.Equal(ExitCode.Usage, Assert.Throws<CommandException>(() => KeysFile.ReadKey(path)).ExitCode);
    }
}
