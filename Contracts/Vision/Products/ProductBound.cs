namespace CpfPipeline.Vision.Products;

/// <summary>How far a product that ONNX Runtime computes can be from the exact dot product of two rows of halves.</summary>
/// <remarks>
/// Let a and b be rows of D halves, s their exact dot product and M = |a| |b|. By Cauchy-Schwarz every product a_i b_i, the sum of their
/// magnitudes, and every sum of some of them is at most M in magnitude.
/// <para>
/// <b>Float32.</b> The significands of halves have 11 bits, so a product has 22 and is exact in float. Sums are taken in float in some
/// order, fused with the product or not: the error is at most gamma(D) M with gamma(n) = n u / (1 - n u) and u = 2^-24 (Higham, Accuracy
/// and Stability of Numerical Algorithms, section 3.1). Nothing underflows, because all products are multiples of 2^-48. Matrix products
/// by Strassen's scheme, which obey a weaker bound, are not used by ONNX Runtime.
/// </para>
/// <para>
/// <b>Float16 with sums in float32.</b> Products are exact again. Tensor cores do not round each sum to nearest: they align several
/// operands to the largest of them and truncate what does not fit in 24 bits (Fasi, Higham, Mikaitis and Pranesh, Numerical behavior of
/// NVIDIA tensor cores, PeerJ Computer Science 7, 2021, section 3). Assumed is only this: each operand of a sum, and its result, is off by
/// at most one unit in the 24th bit of the largest, that is by 2^-23 (M + e), where e is the error so far. A sum of D products, in any
/// tree, with any number of operands a sum, has at most 2 (D - 1) operands and D - 1 results: fewer than 3 D errors, each at most
/// 2^-23 (M + e). So e &lt;= 3 D 2^-23 M / (1 - 3 D 2^-23). The bound below takes 4 D for 3 D. Rounding the sum to a half, to nearest or by
/// truncation, adds at most 2^-10 of its magnitude, which is at most M + e, or 2^-24 where halves are subnormal.
/// </para>
/// The thresholds are rounded down to the type of the products, so a pair whose exact similarity reaches the threshold is never lost. The
/// lines below compute in double and add a hair for their own rounding.
/// </remarks>
public static class ProductBound
{
    private const double FloatUnitRoundoff = 1.0 / (1 << 24);
    private const double TensorCoreUnit = 1.0 / (1 << 23);
    private const double HalfRounding = 1.0 / (1 << 10);
    private const double SmallestHalf = 1.0 / (1 << 24);
    private const double Hair = 1.0001;

    /// <summary>Largest absolute error of a product.</summary>
    /// <param name="type">How it is computed.</param>
    /// <param name="dimension">Values a row (D).</param>
    /// <param name="leftSquaredNorm">Largest squared norm of a left row.</param>
    /// <param name="rightSquaredNorm">Largest squared norm of a right row.</param>
    public static double Of(ProductType type, int dimension, double leftSquaredNorm, double rightSquaredNorm)
    {
        var magnitude = Math.Sqrt(leftSquaredNorm * rightSquaredNorm);
        if (type == ProductType.Float32)
        {
            return Hair * Share(dimension * FloatUnitRoundoff) * magnitude;
        }

        var sum = Share(4 * dimension * TensorCoreUnit) * magnitude;
        return Hair * (sum + (HalfRounding * (magnitude + sum)) + SmallestHalf);
    }

    /// <summary>A number of the products' type that every product reaches whose exact value is at least the similarity.</summary>
    /// <param name="type">How products are computed.</param>
    /// <param name="similarity">The similarity.</param>
    /// <param name="bound">Largest error of a product.</param>
    public static float Threshold(ProductType type, double similarity, double bound)
    {
        var least = similarity - bound;
        if (type == ProductType.Float32)
        {
            return MathF.BitDecrement((float)least);
        }

        // The smallest half is minus infinity, which everything reaches.
        var half = (Half)least;
        return (float)((double)half > least ? Half.BitDecrement(half) : half);
    }

    private static double Share(double relative)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(relative, 0.5);
        return relative / (1 - relative);
    }
}
