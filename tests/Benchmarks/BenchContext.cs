using CpfPipeline.Tests.Benchmarks.Pictures;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Tests.Benchmarks.Servers;

namespace CpfPipeline.Tests.Benchmarks;

/// <summary>Where a bench finds things, and where it may write.</summary>
/// <param name="checkout">The repository's root.</param>
/// <param name="photosFolder">Photos named on the command line; null: those of the shared folder.</param>
/// <param name="say">Shows a line of progress.</param>
internal sealed class BenchContext(string checkout, string? photosFolder, Action<string> say) : IDisposable
{
    private const string SharedVariable = "CPF_SHARED";
    private readonly Lazy<string> _work = new(() => Directory.CreateTempSubdirectory("cpf-bench-").FullName);

    public string Checkout => checkout;

    /// <summary>A folder of this run, removed at its end.</summary>
    public string Work => _work.Value;

    public void Say(string line) => say(line);

    /// <summary>
    /// At most <paramref name="most"/> photos: of the folder named on the command line, else of the shared sets cub and grocery in turn.
    /// </summary>
    public IReadOnlyList<string> Photos(int most) => photosFolder is not null
        ? PhotoFolder.List([photosFolder], most)
        : PhotoFolder.List([Shared("data/cub/images"), Shared("data/grocery/images")], most);

    /// <summary>A file or folder of the folder <c>shared</c> beside the checkout.</summary>
    public string Shared(string path)
    {
        var root = Environment.GetEnvironmentVariable(SharedVariable) is { Length: > 0 } given
            ? given
            : Path.GetFullPath(Path.Combine(checkout, "..", "shared"));
        var full = Path.Combine(root, path);
        return File.Exists(full) || Directory.Exists(full)
            ? full
            : throw new BenchSkippedException($"{full} is missing; {SharedVariable} may name another folder than {root}");
    }

    /// <summary>The executable of a service, or of another folder, built in the same configuration as this program.</summary>
    public string ServiceFile(string service)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)).Parent!.Name;
        var file = Path.Combine(checkout, service, "bin", configuration, "net10.0", $"CpfPipeline.{Path.GetFileName(service)}.dll");
        return File.Exists(file) ? file : throw new BenchSkippedException($"{file} is not built: start with infra/cpf bench");
    }

    /// <summary>A migrated database and a virtual host of their own; dispose removes them.</summary>
    public Task<BenchServers> OpenServersAsync(CancellationToken cancellationToken) => OpenServersAsync(migrates: true, cancellationToken);

    /// <summary>A database and a virtual host of their own; dispose removes them.</summary>
    /// <param name="migrates">False: the database is empty.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<BenchServers> OpenServersAsync(bool migrates, CancellationToken cancellationToken) =>
        BenchServers.CreateAsync(migrates, cancellationToken);

    public void Dispose()
    {
        if (_work.IsValueCreated)
        {
            Directory.Delete(_work.Value, recursive: true);
        }
    }
}
