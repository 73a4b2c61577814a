namespace CpfPipeline.Matching.Kernels;

/// <summary>How far a product computed in float can be from the exact one.</summary>
/// <remarks>
/// With u = 2^-24, a dot product of D terms in any order, with or without fused multiply-add, is off by at most gamma(D) sum |a_i b_i|,
/// gamma(n) = n u / (1 - n u) (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1), and sum |a_i b_i| &lt;= |a| |b| by
/// Cauchy-Schwarz. Nothing underflows: halves are multiples of 2^-24 and means of n of them at least 2^-24 / n. Rounding each operand to float
/// (the means of clusters) costs at most another 2 u + u^2, covered by gamma(D + 4).
/// </remarks>
internal static class FloatBound
{
    private const double UnitRoundoff = 1.0 / (1 << 24);

    /// <summary>Largest absolute error of a float dot product of two rows with the given squared norms.</summary>
    public static double Of(int dimension, double leftSquaredNorm, double rightSquaredNorm)
    {
        var relative = (dimension + 4) * UnitRoundoff;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(relative, 0.5, nameof(dimension));

        // A hair more than the bound pays for the rounding of these lines themselves.
        return 1.0001 * relative / (1 - relative) * Math.Sqrt(leftSquaredNorm * rightSquaredNorm);
    }

    /// <summary>The largest float whose comparison "at least" lets every value through that may exactly be <paramref name="similarity"/> or more.</summary>
    public static float Threshold(double similarity, double bound) => MathF.BitDecrement((float)(similarity - bound));
}
