using CpfPipeline.Hosting;
using CpfPipeline.Hosting.Settings;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Settings;

public sealed class SettingFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-settings-").FullName;

    [Fact]
    public void Read_FilesOfTheFolder_AreSettingsWithoutTheirLineEnd()
    {
        Put("ConnectionStrings__Postgres", "Host=db;Password=secret\n");
        using var configuration = Configuration();
        SettingFiles.Read(configuration, []);
        Assert.Equal("Host=db;Password=secret", configuration["ConnectionStrings:Postgres"]);
    }

    [Fact]
    public void Read_SameKeyInEnvironmentFileAndCommandLine_LaterOnesCount()
    {
        Put("Blobs__Folder", "/of-file");
        Put("Ingest__MaxFrames", "2");
        using var configuration = Configuration(new() { ["Blobs:Folder"] = "/of-environment", ["Ingest:MaxFrames"] = "1" });
        SettingFiles.Read(configuration, ["--Ingest:MaxFrames", "3"]);
        Assert.Equal(("/of-file", "3"), (configuration["Blobs:Folder"], configuration["Ingest:MaxFrames"]));
    }

    [Fact]
    public void Read_KubernetesLinks_AreFollowed()
    {
        // As a kubelet lays secrets: NAME -> ..data/NAME, ..data -> ..2026_01_01.
        Directory.CreateDirectory(Path.Combine(_folder, "..2026_01_01"));
        File.WriteAllText(Path.Combine(_folder, "..2026_01_01", "Blobs__Folder"), "/linked");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "..data"), "..2026_01_01");
        File.CreateSymbolicLink(Path.Combine(_folder, "Blobs__Folder"), "..data/Blobs__Folder");
        using var configuration = Configuration();
        SettingFiles.Read(configuration, []);
        Assert.Equal("/linked", configuration["Blobs:Folder"]);
    }

    [Fact]
    public void Read_NoFolderNamed_ChangesNothing()
    {
        using var configuration = new ConfigurationManager();
        SettingFiles.Read(configuration, ["--Blobs:Folder", "/x"]);
        Assert.Null(configuration["Blobs:Folder"]);
    }

    [Fact]
    public void Read_FolderThatIsNotThere_SaysSo()
    {
        using var configuration = Configuration();
        configuration[SettingFiles.FolderKey] = Path.Combine(_folder, "missing");
        var e = Assert.Throws<SettingException>(() => SettingFiles.Read(configuration, []));
        Assert.StartsWith("The setting Secrets:Folder names no folder: ", e.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Put(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);

    private ConfigurationManager Configuration(Dictionary<string, string?>? before = null)
    {
        var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(before ?? []);
        configuration.AddInMemoryCollection([new(SettingFiles.FolderKey, _folder)]);
        return configuration;
    }
}
