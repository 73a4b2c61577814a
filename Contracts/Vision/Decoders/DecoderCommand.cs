using System.Runtime.InteropServices;

namespace CpfPipeline.Vision.Decoders;

/// <summary>The program that decodes, as it is started.</summary>
/// <param name="Assembly">Path of its assembly. What it needs lies beside it.</param>
public sealed record DecoderCommand(string Assembly)
{
    private const string Name = "CpfPipeline.Decoder.dll";

    // shared/Microsoft.NETCore.App/10.0.x below it.
    private static readonly string RuntimeRoot = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));

    /// <summary>The one that lies beside the program that runs.</summary>
    public static DecoderCommand Beside { get; } = new(Path.Combine(AppContext.BaseDirectory, Name));

    /// <summary>What runs it: the runtime that runs this process.</summary>
    internal string Host { get; } = Path.Combine(RuntimeRoot, "dotnet");

    /// <summary>Folders that it reads.</summary>
    internal IEnumerable<string> Folders => [RuntimeRoot, Path.Combine(Folder, "runtimes")];

    /// <summary>Files that it reads. Settings lie in the same folder and are not among them.</summary>
    internal IEnumerable<string> Files =>
    [
        .. Directory.EnumerateFiles(Folder, "*.dll"), .. Directory.EnumerateFiles(Folder, "*.so*"),
        Path.ChangeExtension(Assembly, ".deps.json"), Path.ChangeExtension(Assembly, ".runtimeconfig.json"),
    ];

    private string Folder => Path.GetDirectoryName(Assembly)!;
}
