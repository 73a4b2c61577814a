using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Kernels;

namespace CpfPipeline.Matching.Joins;

/// <summary>
/// Names every pair of a left row and a right row that may reach the left row's threshold, and as few others as it can: what it does not
/// name is surely below. The left rows are given when it is made.
/// </summary>
public interface IPairPrefilter
{
    PairKernel Kernel { get; }

    /// <summary>Right rows to scan at once.</summary>
    int BlockRows { get; }

    /// <summary>Scans the right rows <c>[start, start + count)</c>.</summary>
    /// <param name="block">The right rows.</param>
    /// <param name="start">First of them.</param>
    /// <param name="count">How many, at most <see cref="BlockRows"/>.</param>
    /// <param name="triangle">The block is the left matrix itself: only pairs left &lt; right are needed (others may be named too).</param>
    /// <param name="thresholds">What matters to each left row.</param>
    /// <param name="newSink">Makes a thread's receiver. A left row is worked on by one thread at a time.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    void Scan(
        EmbeddingMatrix block, int start, int count, bool triangle, RowThresholds thresholds, Func<ICandidateSink> newSink,
        CancellationToken cancellationToken);
}
