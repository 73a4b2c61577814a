using System.Diagnostics;

namespace CpfPipeline.Tests.EndToEnd.Deployment;

/// <summary>What the images would hold, published from the build and laid outside of the checkout: a folder a program.</summary>
internal sealed class ImageFolder : IDisposable
{
    private const UnixFileMode ForAll = (UnixFileMode)0b111_101_101;

    private ImageFolder(string path) => Root = path;

    /// <summary>The folder above them.</summary>
    public string Root { get; }

    /// <summary>The assembly of a program: <c>Ingest</c>, or <c>Cli</c>.</summary>
    public string Assembly(string program) => Path.Combine(Root, program, $"CpfPipeline.{program}.dll");

    /// <summary>Publishes as the Dockerfile does, but for the build, which is there.</summary>
    public static async Task<ImageFolder> PublishAsync(string checkout)
    {
        var root = Directory.CreateTempSubdirectory("cpf-e2e-image-");
        root.UnixFileMode = ForAll;
        await RunAsync(
            "dotnet", "publish", Path.Combine(checkout, "infra", "local", "services.slnf"), "--no-build", "-c", "Release", "-nologo",
            "-v", "q", "-nodeReuse:false", "-p:NuGetAudit=false", "-p:PublishCuda=false");
        foreach (var folder in new[] { "Ingest", "Embedder", "Matcher", "Matcher/Joiner", "Trainer", "infra/Cli" })
        {
            // Links cost nothing; on another file system it takes a copy.
            var (from, to) = (
                Path.Combine(checkout, folder, "bin", "Release", "net10.0", "publish"),
                Path.Combine(root.FullName, Path.GetFileName(folder)));
            await RunAsync("sh", "-c", $"cp -al '{from}' '{to}' 2>/dev/null || {{ rm -rf '{to}' && cp -a '{from}' '{to}'; }}");
        }

        return new(root.FullName);
    }

    /// <summary>Native libraries of a program that are needed by another and lie neither beside it nor in the base image.</summary>
    /// <param name="program">Its folder.</param>
    /// <param name="ofBase">What the base image has.</param>
    public IEnumerable<string> MissingLibraries(string program, IReadOnlySet<string> ofBase)
    {
        var files = Directory.EnumerateFiles(Path.Combine(Root, program), "*.so*", SearchOption.AllDirectories).ToList();
        var there = files.Select(f => Path.GetFileName(f)).ToHashSet();
        return files.SelectMany(f => NeededLibraries.Of(f).Where(n => !there.Contains(n) && !ofBase.Contains(n))
            .Select(n => $"{Path.GetFileName(f)} needs {n}"));
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}{await errors}");
        }
    }
}
