using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Tests.Benchmarks.Servers;

namespace CpfPipeline.Tests.Benchmarks.Pipeline;

/// <summary>A measurement of the message path.</summary>
/// <param name="Rate">Images a second.</param>
/// <param name="CoreMsByPart">Processor time, milliseconds an image, by program.</param>
internal sealed record MessagePathRun(double Rate, IReadOnlyDictionary<string, double> CoreMsByPart)
{
    /// <summary>Processor time of services and servers, milliseconds an image.</summary>
    public double CoreMs => CoreMsByPart.Where(part => part.Key is not (CpuUse.Others or "bench")).Sum(part => part.Value);

    /// <summary>A figure a program.</summary>
    public IEnumerable<Figure> Parts =>
        CoreMsByPart.Select(part => new Figure($"processor time of {part.Key}", part.Value, "core-ms/image"));
}
