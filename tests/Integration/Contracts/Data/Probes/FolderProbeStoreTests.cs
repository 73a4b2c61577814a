using CpfPipeline.Data.Probes;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Probes;

public sealed class FolderProbeStoreTests : ProbeStoreContract, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cpf-probes-");

    private protected override IProbeStore Store => new FolderProbeStore(Root);

    private protected override IEnumerable<string> Kept => Directory.EnumerateFileSystemEntries(Root);

    private string Root => Path.Combine(_folder.FullName, "probes");

    public void Dispose() => _folder.Delete(recursive: true);

    private protected override void Age(Guid probe, TimeSpan by) =>
        Directory.SetLastWriteTimeUtc(Path.Combine(Root, probe.ToString("N")), TimeProvider.System.GetUtcNow().UtcDateTime - by);

    private protected override Func<bool> PutSomethingElse()
    {
        var other = Directory.CreateDirectory(Path.Combine(Root, "somebody's folder"));
        return () => Directory.Exists(other.FullName);
    }
}
