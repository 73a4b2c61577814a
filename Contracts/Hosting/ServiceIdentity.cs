using System.Reflection;

namespace CpfPipeline.Hosting;

/// <summary>Who this process is.</summary>
/// <param name="Name">Service name, e.g. <c>Embedder</c>.</param>
public sealed record ServiceIdentity(string Name)
{
    /// <summary>Version of the build, with the commit when the build knew it.</summary>
    public string Version { get; } =
        Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
