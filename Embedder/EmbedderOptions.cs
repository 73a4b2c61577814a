using System.ComponentModel.DataAnnotations;
using System.Globalization;
using CpfPipeline.Embedder.Decoding;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Sessions;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Embedder;

/// <summary>Section <c>Embedder</c> of the configuration.</summary>
public sealed class EmbedderOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Embedder";

    private const string DevicesAdvice = "Embedder:Devices must be a list like cuda:0,cuda:1 (numbers as nvidia-smi has them).";

    /// <summary>
    /// Threads that have pictures decoded, each in a process of its own, and, on a CPU, run the backbone. 0, the default: one per core.
    /// More use more memory, not more cores.
    /// </summary>
    [Range(0, 256, ErrorMessage = "Embedder:Workers must be between 0 (one per core) and 256.")]
    public int Workers { get; set; }

    /// <summary>
    /// Pictures that go to the backbone at once. 0, the default: 1 on a CPU, where more gain nothing (measured: batch 1 is no slower
    /// than 32 and leaves the pixels in the cache), 32 on a device, formed of the pictures of all workers. A picture of 224 px takes
    /// 0.6 MB.
    /// </summary>
    [Range(0, 1024, ErrorMessage = "Embedder:BatchSize must be between 0 (by execution provider) and 1024.")]
    public int BatchSize { get; set; }

    /// <summary><c>Auto</c>, the default: CUDA when this build and machine have it, else the CPU. <c>Cpu</c>: the CPU.</summary>
    [EnumDataType(typeof(ExecutionProviderRequest), ErrorMessage = "Embedder:ExecutionProvider must be Auto or Cpu.")]
    public ExecutionProviderRequest ExecutionProvider { get; set; } = ExecutionProviderRequest.Auto;

    /// <summary>
    /// The CUDA devices that share the pictures, by number: <c>cuda:0,cuda:1</c>. Default: <c>cuda:0</c>. One that cannot be used at the
    /// start is left out.
    /// </summary>
    [Required(ErrorMessage = DevicesAdvice)]
    [RegularExpression(@"cuda:\d{1,3}(,cuda:\d{1,3})*", ErrorMessage = DevicesAdvice)]
    public string Devices { get; set; } = "cuda:0";

    /// <summary>
    /// How long a picture waits for others to fill its batch on a device. Default: 5 ms; less when traffic fills it sooner.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10", ErrorMessage = "Embedder:MaxBatchWait must be between 0 and 10 seconds.")]
    public TimeSpan MaxBatchWait { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Most bytes of a device's memory for a backbone. 0, the default: what there is.</summary>
    [Range(0, long.MaxValue, ErrorMessage = "Embedder:MaxDeviceMemoryBytes must not be negative.")]
    public long MaxDeviceMemoryBytes { get; set; }

    /// <summary>
    /// How cuDNN chooses the algorithm of a convolution: <c>Heuristic</c>, the default, or <c>Default</c>. Neither tries algorithms out.
    /// </summary>
    [EnumDataType(typeof(ConvolutionSearch), ErrorMessage = "Embedder:ConvolutionSearch must be Heuristic or Default.")]
    public ConvolutionSearch ConvolutionSearch { get; set; } = ConvolutionSearch.Heuristic;

    /// <summary>Whether a device may round products to TF32: faster, and further from the CPU's features. Default: false.</summary>
    public bool AllowTf32 { get; set; }

    /// <summary>Whether TensorRT runs what it can of a backbone on a device. Default: false. Nobody has tested it.</summary>
    public bool TensorRt { get; set; }

    /// <summary>
    /// How often live contents are looked for that have no embedding although nothing waits in the queues, because their message was lost
    /// or ended in an error queue; they are sent to the backfill queue again. Default: 5 minutes, which is also how long such a content
    /// must have been left alone.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ErrorMessage = "Embedder:RepairEvery must be between 1 second and 1 day.")]
    public TimeSpan RepairEvery { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>What a picture may cost to decode; what exceeds it is rejected with its reason.</summary>
    [ValidateObjectMembers]
    public ImageLimits Limits { get; set; } = new();

    /// <summary>The processes that decode.</summary>
    [ValidateObjectMembers]
    public DecodingOptions Decoding { get; set; } = new();

    internal IReadOnlyList<int> DeviceIds =>
        [.. Devices.Split(',').Select(d => int.Parse(d.AsSpan("cuda:".Length), CultureInfo.InvariantCulture)).Distinct()];

    internal int EffectiveWorkers => Workers == 0 ? Environment.ProcessorCount : Workers;

    internal int EffectiveBatchSize(bool cuda) => BatchSize != 0 ? BatchSize : cuda ? 32 : 1;
}
