using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CpfPipeline.Vision.Sessions;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Sessions;

public sealed class OnnxRuntimeReportsTests
{
    [Fact]
    public void Forbid_VariableThatNobodySet_IsSetWhereNativeCodeLooks()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the C library of Linux");
        Unset(OnnxRuntimeReports.Variable);
        Assert.Null(Get(OnnxRuntimeReports.Variable));

        OnnxRuntimeReports.Forbid();
        Assert.Equal("1", Get(OnnxRuntimeReports.Variable));
    }

    // Called by the runtime before anything else of the assembly, so whatever loads ONNX Runtime comes later.
    [Fact]
    public void Forbid_OfTheAssembly_IsItsInitializer() =>
        Assert.NotNull(typeof(OnnxRuntimeReports).GetMethod(nameof(OnnxRuntimeReports.Forbid))!
            .GetCustomAttribute<ModuleInitializerAttribute>());

    private static string? Get(string name) => Marshal.PtrToStringUTF8(Call("getenv", name));

    private static void Unset(string name) => Call("unsetenv", name);

    private static nint Call(string function, string name)
    {
        var text = Marshal.StringToCoTaskMemUTF8(name);
        try
        {
            var address = NativeLibrary.GetExport(NativeLibrary.Load("libc.so.6"), function);
            return Marshal.GetDelegateForFunctionPointer<OfName>(address)(text);
        }
        finally
        {
            Marshal.FreeCoTaskMem(text);
        }
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint OfName(nint name);
}
