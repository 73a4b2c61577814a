using System.Numerics;

namespace CpfPipeline.Matching.Grouping;

/// <summary>A mean of similarities as an exact fraction: <paramref name="Total"/> 2^-48 / <paramref name="Pairs"/>.</summary>
/// <remarks>
/// |Total| &lt;= Pairs 2^52 because each row's squared norm is at most 16; so it fits while Pairs &lt; 2^75. Cross-multiplied totals may not, which is
/// checked: then <see cref="BigInteger"/> decides. Doubles decide nothing here but what they are far from.
/// </remarks>
internal readonly record struct ExactMean(Int128 Total, long Pairs) : IComparable<ExactMean>
{
    private const double Unit = 1.0 / (1L << 48);

    /// <summary>Nearest double, up to two roundings.</summary>
    public double Value => (double)Total * Unit / Pairs;

    public int CompareTo(ExactMean other)
    {
        if (Pairs == other.Pairs)
        {
            return Total.CompareTo(other.Total);
        }

        // Each value is within 3 roundings of the truth, so differences beyond this are certain.
        var (value, otherValue) = (Value, other.Value);
        if (Math.Abs(value - otherValue) > 1e-14 * (Math.Abs(value) + Math.Abs(otherValue)))
        {
            return value.CompareTo(otherValue);
        }

        return Bits(Total) + Bits(other.Pairs) < 126 && Bits(other.Total) + Bits(Pairs) < 126
            ? (Total * other.Pairs).CompareTo(other.Total * Pairs)
            : ((BigInteger)Total * other.Pairs).CompareTo((BigInteger)other.Total * Pairs);
    }

    /// <summary>Whether the mean is at least <paramref name="threshold"/>, a finite double taken as the exact number it stands for.</summary>
    public bool Reaches(double threshold)
    {
        var value = Value;
        if (Math.Abs(value - threshold) > 1e-14 * (Math.Abs(value) + Math.Abs(threshold)))
        {
            return value > threshold;
        }

        // threshold = significand 2^exponent; compare Total 2^-48 with significand 2^exponent Pairs in integers.
        var (significand, exponent) = Decompose(threshold);
        var (left, right) = ((BigInteger)Total, (BigInteger)significand * Pairs);
        exponent += 48;
        if (exponent >= 0)
        {
            right <<= exponent;
        }
        else
        {
            left <<= -exponent;
        }

        return left >= right;
    }

    private static (long Significand, int Exponent) Decompose(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var biased = (int)((bits >> 52) & 0x7ff);
        var fraction = bits & 0xfffffffffffffL;
        var significand = biased == 0 ? fraction : fraction | (1L << 52);
        return (bits < 0 ? -significand : significand, Math.Max(biased, 1) - 1075);
    }

    private static int Bits(Int128 value) => 128 - (int)Int128.LeadingZeroCount(Int128.Abs(value));
}
