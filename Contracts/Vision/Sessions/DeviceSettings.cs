using System.Globalization;

namespace CpfPipeline.Vision.Sessions;

/// <summary>One CUDA device and how networks use it.</summary>
public sealed record DeviceSettings
{
    /// <summary>The device's number, as <c>nvidia-smi</c> lists it. Default 0.</summary>
    public int Id { get; init; }

    /// <summary>Most bytes of the device's memory that a session may take. Default 0: what there is.</summary>
    public long MaxMemoryBytes { get; init; }

    /// <summary>How the algorithm of a convolution is chosen. Default <see cref="ConvolutionSearch.Heuristic"/>.</summary>
    public ConvolutionSearch ConvolutionSearch { get; init; } = ConvolutionSearch.Heuristic;

    /// <summary>
    /// Whether products may be rounded to ten bits of mantissa on tensor cores. Default false: features stay close to the CPU's, on whose
    /// features thresholds were found.
    /// </summary>
    public bool AllowTf32 { get; init; }

    /// <summary>Whether TensorRT runs what it can of a graph. Default false.</summary>
    public bool TensorRt { get; init; }

    /// <summary>The device in words: <c>cuda:0</c>.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"cuda:{Id}");

    /// <summary>Options of ONNX Runtime's CUDA provider.</summary>
    internal Dictionary<string, string> CudaOptions()
    {
        var options = new Dictionary<string, string>
        {
            ["device_id"] = Id.ToString(CultureInfo.InvariantCulture),
            // Doubling the arena at each need takes memory from neighbours and runs out early.
            ["arena_extend_strategy"] = "kSameAsRequested",
            ["cudnn_conv_algo_search"] = ConvolutionSearch == ConvolutionSearch.Heuristic ? "HEURISTIC" : "DEFAULT",
            ["use_tf32"] = AllowTf32 ? "1" : "0",
        };
        if (MaxMemoryBytes > 0)
        {
            options["gpu_mem_limit"] = MaxMemoryBytes.ToString(CultureInfo.InvariantCulture);
        }

        return options;
    }

    /// <summary>Options of ONNX Runtime's TensorRT provider, which then stands before CUDA.</summary>
    internal Dictionary<string, string> TensorRtOptions() => new()
    {
        ["device_id"] = Id.ToString(CultureInfo.InvariantCulture),
        ["trt_fp16_enable"] = "0",
    };
}
