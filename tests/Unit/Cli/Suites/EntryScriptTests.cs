using System.Diagnostics;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Suites;

/// <summary>What <c>infra/cpf</c> hands on of the environment, in a copy beside a build and a .NET that do nothing.</summary>
public sealed class EntryScriptTests : IDisposable
{
    private static readonly string[] Installation =
    [
        "CPF_POSTGRES", "CPF_POSTGRES_FILE", "CPF_POSTGRES_SERVICE", "CPF_POSTGRES_SUPERUSER_FILE", "CPF_RABBITMQ", "CPF_RABBITMQ_FILE",
        "Blobs__Folder", "Blobs__S3__Bucket", "Ingest__TombstoneKeyFile", "Ingest__ErasureRecordFolder", "Access__Anonymous__0",
        "ConnectionStrings__Postgres", "Secrets__Folder", "AWS_ACCESS_KEY_ID",
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cpf entry-");

    public EntryScriptTests()
    {
        Write("infra/cpf", File.ReadAllText(Checkout.At("infra/cpf")));
        Write("infra/local/build.sh", "exit 0\n");
        Write("infra/local/packages.sh", "exit 0\n");
        Write("bin/dotnet", "#!/bin/sh\nenv\n");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("test")]
    [InlineData("bench")]
    [InlineData("chaos")]
    public async Task Run_OfTestsAndBenchmarks_KnowsNoInstallationOfTheEnvironment(string verb)
    {
        var names = await NamesAsync(verb);

        Assert.Empty(names.Intersect(Installation));
        Assert.Contains("CPF_CHROMIUM", names);
        Assert.Contains("Matcher__TilesAtContents", names); // How the services work may be tried.
    }

    [Theory]
    [InlineData("status")]
    [InlineData("up")]
    public async Task Run_OfAnInstallation_KnowsIt(string verb) => Assert.Empty(Installation.Except(await NamesAsync(verb)));

    private async Task<IReadOnlyList<string>> NamesAsync(string verb)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(_folder.FullName, "infra/cpf"), verb]) { RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{_folder.FullName}/bin:{start.Environment["PATH"]}";
        start.Environment["CPF_HOME"] = Path.Combine(_folder.FullName, ".cpf");
        foreach (var name in Installation.Concat(["CPF_CHROMIUM", "Matcher__TilesAtContents"]))
        {
            start.Environment[name] = "x";
        }

        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        return [.. output.Split('\n').Select(line => line.Split('=')[0])];
    }

    private void Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
