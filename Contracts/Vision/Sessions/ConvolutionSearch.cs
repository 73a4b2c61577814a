namespace CpfPipeline.Vision.Sessions;

/// <summary>
/// How cuDNN chooses the algorithm of a convolution. Its exhaustive search is left out: it tries every algorithm for every new shape,
/// takes seconds and much memory, and may choose another one the next time.
/// </summary>
public enum ConvolutionSearch
{
    /// <summary>cuDNN's own estimate of the fastest.</summary>
    Heuristic,

    /// <summary>Always the same algorithm (implicit GEMM with precomputed indices).</summary>
    Default,
}
