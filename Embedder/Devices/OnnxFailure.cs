using Microsoft.ML.OnnxRuntime;

namespace CpfPipeline.Embedder.Devices;

/// <summary>What a failure of ONNX Runtime on a device means. It has no codes for this, only messages.</summary>
internal static class OnnxFailure
{
    // From onnxruntime 1.31: core/framework/bfc_arena.cc and core/providers/cuda/cuda_call.cc ("%s failure %d: %s ; GPU=%d ; ...").
    private static readonly string[] OutOfMemory =
    [
        "Failed to allocate memory for requested buffer", "is smaller than requested bytes of", "out of memory",
        "CUDNN_STATUS_ALLOC_FAILED", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED",
    ];

    private static readonly string[] Lost = ["CUDA failure", "CUDNN failure", "CUBLAS failure", "CUDA error", "TensorRT EP"];

    /// <summary>
    /// Translates a failure of the device into the exception that its user handles. A fault of the graph or the picture stays unchanged.
    /// </summary>
    /// <param name="device">The device's name.</param>
    /// <param name="failure">What a run threw.</param>
    public static Exception Of(string device, OnnxRuntimeException failure) => Of(device, failure.Message, failure);

    internal static Exception Of(string device, string message, Exception failure)
    {
        var line = message.Split('\n', 2)[0].Trim();
        return Array.Exists(OutOfMemory, words => message.Contains(words, StringComparison.OrdinalIgnoreCase))
            ? new DeviceMemoryException($"{device} has too little memory: {line}", failure)
            : Array.Exists(Lost, words => message.Contains(words, StringComparison.OrdinalIgnoreCase))
                ? new DeviceLostException($"{device} stopped working: {line}", failure)
                : failure;
    }
}
