namespace CpfPipeline.Matching.Kernels;

/// <summary>How a join finds the pairs that it then decides exactly. The result is the same with each.</summary>
public enum PairKernel
{
    /// <summary>The fastest that this machine has.</summary>
    Fastest,

    /// <summary>Products in float, on every machine.</summary>
    Float32,

    /// <summary>
    /// Products of rows rounded to whole numbers of one byte, about three times as fast; needs AVX2 or AVX-512. A block in which it lets
    /// too much through is left to <see cref="Float32"/>.
    /// </summary>
    Int8,

    /// <summary>Products that a device computes; given to the join from outside (see <c>IPairPrefilter</c>).</summary>
    Device,
}
