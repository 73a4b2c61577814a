using System.Diagnostics;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;
using CpfPipeline.Matching.Kernels;

namespace CpfPipeline.Tests.Benchmarks.Matching;

/// <summary>An exact self join and what it cost.</summary>
/// <param name="Pairs">Pairs at or above the threshold, smaller content id first.</param>
/// <param name="Seconds">By the clock.</param>
/// <param name="CoreSeconds">Processor time.</param>
internal sealed record MeasuredJoin(HashSet<(long, long)> Pairs, double Seconds, double CoreSeconds)
{
    public static MeasuredJoin Run(EmbeddingMatrix rows, PairKernel kernel, int threads, CancellationToken cancellationToken)
    {
        var pairs = new HashSet<(long, long)>();
        var (start, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        new BlockJoin(rows, ClusteredRows.Tau, null, threads, kernel).Accept(
            rows, triangle: true, (left, right, _) => pairs.Add((rows.ContentId(left), rows.ContentId(right))), cancellationToken);
        return new MeasuredJoin(pairs, Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
    }
}
