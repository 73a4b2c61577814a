using System.Diagnostics;

namespace CpfPipeline.Cli.Processes;

/// <summary>Starts programs of this repository.</summary>
internal static class DotnetProgram
{
    /// <summary>The host that runs this program; else the one on the path.</summary>
    public static string Host => Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet";

    /// <summary>How to start an assembly.</summary>
    public static ProcessStartInfo Of(string assembly, params IEnumerable<string> arguments) =>
        new(Host, [assembly, .. arguments]) { UseShellExecute = false };
}
