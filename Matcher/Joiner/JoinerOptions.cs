using System.ComponentModel.DataAnnotations;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Joiner;

/// <summary>Settings of the Joiner, section <c>Joiner</c>; those of tiles are in the section <c>Matcher</c>.</summary>
public sealed class JoinerOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Joiner";

    /// <summary>
    /// What finds candidates: <c>Auto</c> takes a CUDA device where there is one, and otherwise the Matcher's own kernel; <c>Cpu</c> takes
    /// ONNX Runtime's CPU provider, which is slower and there to try the way. Default Auto.
    /// </summary>
    public ExecutionProviderRequest Provider { get; set; } = ExecutionProviderRequest.Auto;

    /// <summary>The CUDA device's number. Default 0.</summary>
    [Range(0, 1024)]
    public int DeviceId { get; set; }
}
