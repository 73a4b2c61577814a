using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CpfPipeline.Matching.Kernels;

/// <summary>A row a rounded to a' = scale q with whole numbers |q_k| &lt;= <see cref="Largest"/>, and what a product of two such rows can be off by.</summary>
/// <param name="Scale">s &gt; 0, also of a zero row.</param>
/// <param name="Norm">At least |a|.</param>
/// <param name="RoundedNorm">At least |a'|.</param>
/// <param name="Residual">At least |a - a'|.</param>
/// <param name="Sum">Sum of q.</param>
/// <remarks>
/// With a = a' + e and b = b' + f: &lt;a, b&gt; - &lt;a', b'&gt; = &lt;a, f&gt; + &lt;e, b'&gt;, so by Cauchy-Schwarz
/// <code>&lt;a, b&gt; &lt;= s_a s_b &lt;q_a, q_b&gt; + |a| |f| + |e| |b'|   (1)</code>
/// whatever the rounding did: it need not be the nearest, nor the scale the best. The sum &lt;q_a, q_b&gt; is exact in integers.
/// <para>
/// The three norms are rounded up. Rows are halves, so values and scale are of at least 2^-30 and nothing here underflows. e_k is one fused operation
/// and has a relative error of u = 2^-24; a sum of D squares, none negative, in any order has one of gamma(D + 2) (Higham, section 3.1, as in
/// <see cref="FloatBound"/>). Multiplying the sum by 1 + (D + 16) 2^-23, twice what that takes, pays for it while D u &lt;= 1/4; the root is taken in
/// double, and the next float above it pays for the rest. The sum of q^2 is exact.
/// </para>
/// <para>
/// The kernel divides (1) by s_a and evaluates, in float, F = fma(C, |b'|, fma(A, |f|, &lt;q_a, q_b&gt; s_b)) against T, the threshold over s_a rounded
/// down (<see cref="LeftTerms"/>). Converting the sum and multiplying it by s_b are off by 2.1 u |&lt;q_a, b'&gt;| at most, each of the two fused
/// operations by u times its result; together less than 4.2 u |&lt;q_a, b'&gt;| + 2.2 u A |f| + 1.1 u C |b'|, where
/// |&lt;q_a, b'&gt;| &lt;= |a'| |b'| / s_a &lt;= (|a| + |e|) |b'| / s_a. So A = (1 + 16 u) |a| / s_a and C = (1 + 16 u) (|e| + 16 u |a|) / s_a pay for every
/// rounding of F, and those of A and C themselves: F &lt; T implies that the similarity is below the threshold.
/// </para>
/// </remarks>
internal readonly record struct QuantisedRow(float Scale, float Norm, float RoundedNorm, float Residual, int Sum)
{
    /// <summary>Four products of a left value plus this (a byte without sign) and a right value, in pairs, are at most 4 x 2 x 90 x 45 = 32,400: they fit
    /// into 16 bits, which is what makes the kernel fast.</summary>
    public const int Largest = 45;

    /// <summary>Values a step of the kernel takes: rows are padded with zeros to a multiple.</summary>
    public const int Step = 16;

    /// <summary>Beyond this the bound above (D u &lt;= 1/4) and 32 bits (90 x 45 x D) would have to be looked at again.</summary>
    public const int MaxDimension = 1 << 18;

    private const double Slack = 1.0 / (1 << 20);

    /// <summary>Values of a row with its padding.</summary>
    public static int Padded(int dimension) => (dimension + Step - 1) / Step * Step;

    /// <summary>Rounds a row.</summary>
    /// <param name="row"><c>[D]</c> finite halves.</param>
    /// <param name="floats"><c>[Padded(D)]</c>, zero behind D; overwritten.</param>
    /// <param name="quantised"><c>[Padded(D)]</c>: q, zero behind D.</param>
    public static QuantisedRow Of(ReadOnlySpan<Half> row, Span<float> floats, Span<sbyte> quantised)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(floats.Length, Padded(row.Length), nameof(floats));
        ArgumentOutOfRangeException.ThrowIfNotEqual(quantised.Length, floats.Length, nameof(quantised));
        HalfRows.Widen(row, floats[..row.Length]);
        ref var values = ref MemoryMarshal.GetReference(floats);
        ref var rounded = ref MemoryMarshal.GetReference(quantised);
        Vector256<float> largest = default;
        for (var k = 0; k < floats.Length; k += Vector256<float>.Count)
        {
            largest = Vector256.Max(largest, Vector256.Abs(Vector256.LoadUnsafe(ref values, (nuint)k)));
        }

        var max = 0f;
        for (var lane = 0; lane < Vector256<float>.Count; lane++)
        {
            max = Math.Max(max, largest[lane]);
        }

        if (max == 0)
        {
            quantised.Clear();
            return new QuantisedRow(1, 0, 0, 0, 0);
        }

        var scale = max / Largest;
        var (factor, negated) = (Vector256.Create(Largest / max), Vector256.Create(-scale));
        Vector256<float> squares = default, residuals = default;
        Vector256<int> sum = default, roundedSquares = default;
        for (var k = 0; k < floats.Length; k += Step)
        {
            var lower = Round(Vector256.LoadUnsafe(ref values, (nuint)k), factor, negated, ref squares, ref residuals, ref sum, ref roundedSquares);
            var upper = Round(Vector256.LoadUnsafe(ref values, (nuint)k + 8), factor, negated, ref squares, ref residuals, ref sum, ref roundedSquares);
            var narrow = Vector256.Narrow(lower, upper);
            Vector128.Narrow(narrow.GetLower(), narrow.GetUpper()).StoreUnsafe(ref rounded, (nuint)k);
        }

        var slack = 1 + ((row.Length + 16) * (1.0 / (1 << 23)));
        return new QuantisedRow(
            scale, Up(Math.Sqrt(Vector256.Sum(squares) * slack)), Up(scale * Math.Sqrt(Vector256.Sum(roundedSquares))),
            Up(Math.Sqrt(Vector256.Sum(residuals) * slack)), Vector256.Sum(sum));
    }

    /// <summary>A and C of the remarks, and T for a threshold.</summary>
    public (float Norm, float Residual) LeftTerms() =>
        (Up((1 + Slack) * Norm / Scale), Up((1 + Slack) * (Residual + (Slack * Norm)) / Scale));

    /// <summary>T of the remarks: at most the threshold over the scale.</summary>
    public float LeftThreshold(double threshold) => MathF.BitDecrement((float)(threshold / Scale));

    private static Vector256<int> Round(
        Vector256<float> values, Vector256<float> factor, Vector256<float> negatedScale,
        ref Vector256<float> squares, ref Vector256<float> residuals, ref Vector256<int> sum, ref Vector256<int> roundedSquares)
    {
        var limit = Vector256.Create((float)Largest);
        var rounded = Vector256.Min(Vector256.Max(Vector256.Round(values * factor), -limit), limit);
        var residual = Vector256.FusedMultiplyAdd(negatedScale, rounded, values);
        squares = Vector256.FusedMultiplyAdd(values, values, squares);
        residuals = Vector256.FusedMultiplyAdd(residual, residual, residuals);
        var whole = Vector256.ConvertToInt32Native(rounded);
        sum += whole;
        roundedSquares += whole * whole;
        return whole;
    }

    private static float Up(double value) => value == 0 ? 0 : MathF.BitIncrement((float)value);
}
