using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CpfPipeline.Vision.Sessions;

/// <summary>
/// ONNX Runtime reports to its maker, unless a variable of the environment forbids it. The command line, the images and the units set it;
/// a process that was started by other means sets it for itself.
/// </summary>
internal static partial class OnnxRuntimeReports
{
    public const string Variable = "ORT_DISABLE_TELEMETRY";

    // Before anything of this assembly runs, so before ONNX Runtime is loaded and looks.
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "No single class is the first that loads ONNX Runtime.")]
    public static void Forbid()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            // .NET's own function changes a copy that native code never sees. What the operator has set stays.
            _ = SetVariable(Variable, "1", overwrite: 0);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library: the variable has to be set from outside.
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
