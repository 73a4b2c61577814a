using System.ComponentModel.DataAnnotations;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Sessions;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Embedder;

/// <summary>Section <c>Embedder</c> of the configuration.</summary>
public sealed class EmbedderOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Embedder";

    /// <summary>Threads that decode pictures and run the backbone. 0, the default: one a core. More use memory, not more cores.</summary>
    [Range(0, 256, ErrorMessage = "Embedder:Workers must be between 0 (one a core) and 256.")]
    public int Workers { get; set; }

    /// <summary>
    /// Pictures a worker hands to the backbone at once. 0, the default: 1 on a CPU, where more gain nothing (measured: batch 1 is no
    /// slower than 32 and leaves the pixels in the cache), 32 on CUDA. A picture of 224 px takes 0.6 MB a worker.
    /// </summary>
    [Range(0, 1024, ErrorMessage = "Embedder:BatchSize must be between 0 (by execution provider) and 1024.")]
    public int BatchSize { get; set; }

    /// <summary><c>Auto</c>, the default: CUDA when this build and machine have it, else the CPU. <c>Cpu</c>: the CPU.</summary>
    [EnumDataType(typeof(ExecutionProviderRequest), ErrorMessage = "Embedder:ExecutionProvider must be Auto or Cpu.")]
    public ExecutionProviderRequest ExecutionProvider { get; set; } = ExecutionProviderRequest.Auto;

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

    internal int EffectiveWorkers => Workers == 0 ? Environment.ProcessorCount : Workers;

    internal int EffectiveBatchSize(bool cuda) => BatchSize != 0 ? BatchSize : cuda ? 32 : 1;
}
