using System.Runtime.InteropServices;

namespace CpfPipeline.Vision.Sessions;

/// <summary>
/// The libraries that ONNX Runtime's CUDA provider links to. They are looked for first, because the provider writes its own failure to load
/// to standard error, for every session anew.
/// </summary>
internal static class CudaLibraries
{
    private static readonly string[] Needed = ["libcuda.so.1", "libcudart.so.13", "libcublasLt.so.13", "libcudnn.so.9"];

    private const string TensorRt = "libnvinfer.so.10";

    private static readonly Lazy<string?> Found = new(() => WhyNot(IsThere));
    private static readonly Lazy<string?> FoundTensorRt =
        new(() => IsThere(TensorRt) ? null : $"TensorRT is not usable: {TensorRt} is missing");

    /// <summary>Why CUDA cannot be used on this machine, in one line, or null. Looked up once a process.</summary>
    public static string? WhyNotHere => Found.Value;

    /// <summary>Why TensorRT cannot be used on this machine, in one line, or null. Looked up once a process.</summary>
    public static string? WhyNotTensorRtHere => FoundTensorRt.Value;

    /// <param name="isThere">Whether a library can be loaded.</param>
    internal static string? WhyNot(Func<string, bool> isThere) => Array.Find(Needed, name => !isThere(name)) switch
    {
        null => null,
        "libcuda.so.1" => "there is no NVIDIA driver (libcuda.so.1)",
        var missing => $"CUDA is not usable: {missing} is missing (CUDA 13 and cuDNN 9 are needed)",
    };

    private static bool IsThere(string name) => NativeLibrary.TryLoad(name, out _);
}
