namespace CpfPipeline.Cli.Installations;

/// <summary>A process of a service: a component with an executable of this repository.</summary>
/// <param name="Name">Assembly name: <c>Ingest</c>.</param>
/// <param name="Number">Which process of the service, from 1.</param>
internal sealed record Service(string Name, int Number = 1)
{
    /// <summary>The most processes of a service that can be asked for: more than a machine for trying things out has use for.</summary>
    public const int MaxEach = 16;

    private const string Joiner = "Joiner";

    /// <summary>The first process of each of the four services, in the order in which they are started. Commands speak to these.</summary>
    public static IReadOnlyList<Service> All { get; } = [new("Trainer"), new("Ingest"), new("Embedder"), new("Matcher")];

    /// <summary>Every program that may run as a process of an installation.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(s => s.Name), Joiner];

    /// <summary>Every process that an installation is to have, in the order in which they are started.</summary>
    public static IReadOnlyList<Service> Of(InstallationState state) =>
    [
        .. All,
        .. from number in Enumerable.Range(2, Math.Max(0, state.Each - 1))
           from service in All
           where service.Name != "Trainer" // One run at a time is what it does; a second one would only wait.
           select service with { Number = number },
        .. Enumerable.Range(1, state.Joiners).Select(number => new Service(Joiner, number)),
    ];

    /// <summary>What people call it: <c>Ingest</c>, <c>Ingest-2</c>.</summary>
    public string Label => Number == 1 ? Name : $"{Name}-{Number}";

    /// <summary>Key of its port, process record and log.</summary>
    public string Key => Label.ToLowerInvariant();

    public string Folder(string checkout) =>
        Path.Combine(checkout, Name == Joiner ? Path.Combine("Matcher", Joiner) : Name, "bin", "Release", "net10.0");

    public string Executable(string checkout) => Path.Combine(Folder(checkout), $"CpfPipeline.{Name}.dll");
}
