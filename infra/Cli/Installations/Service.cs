namespace CpfPipeline.Cli.Installations;

/// <summary>One of the four services: a component with an executable of this repository.</summary>
/// <param name="Name">Project and assembly name: <c>Ingest</c>.</param>
internal sealed record Service(string Name)
{
    /// <summary>In the order in which they are started.</summary>
    public static IReadOnlyList<Service> All { get; } = [new("Trainer"), new("Ingest"), new("Embedder"), new("Matcher")];

    /// <summary>Key of its port, process record and log.</summary>
    public string Key => Name.ToLowerInvariant();

    public string Folder(string checkout) => Path.Combine(checkout, Name, "bin", "Release", "net10.0");

    public string Executable(string checkout) => Path.Combine(Folder(checkout), $"CpfPipeline.{Name}.dll");
}
