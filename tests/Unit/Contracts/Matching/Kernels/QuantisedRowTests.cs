using CpfPipeline.Matching.Kernels;
using CsCheck;
using Xunit;
using static CpfPipeline.Tests.Unit.Contracts.Matching.Samples.PairRows;

namespace CpfPipeline.Tests.Unit.Contracts.Matching.Kernels;

/// <summary>What rounding a row to bytes loses is bounded, and the bound is not wasteful.</summary>
public sealed class QuantisedRowTests
{
    [Fact]
    public void Of_AnyRow_NormsAreAtLeastTheTruthAndHardlyMore() => Gen.Select(Gen.Int[1, 400], Gen.Int).Sample((dimension, seed) =>
    {
        var rows = Mixed(20, dimension, seed);
        for (var i = 0; i < rows.Count; i++)
        {
            var (row, q) = Quantise(rows.Row(i));
            double squares = 0, roundedSquares = 0, residuals = 0;
            for (var k = 0; k < dimension; k++)
            {
                Assert.InRange(q[k], -QuantisedRow.Largest, QuantisedRow.Largest);
                var (value, rounded) = ((double)rows.Row(i)[k], (double)row.Scale * q[k]);
                squares += value * value;
                roundedSquares += rounded * rounded;
                residuals += (value - rounded) * (value - rounded);
                Assert.InRange(Math.Abs(value - rounded), 0, .501 * row.Scale);
            }

            Assert.Equal(q.Sum(value => value), row.Sum);
            Assert.All(q.Skip(dimension), value => Assert.Equal(0, value));
            Bounds(row.Norm, squares);
            Bounds(row.RoundedNorm, roundedSquares);
            Bounds(row.Residual, residuals);
        }

        static void Bounds(float bound, double squaredNorm) =>
            Assert.InRange(bound, Math.Sqrt(squaredNorm) * (1 - 1e-14), Math.Sqrt(squaredNorm) * 1.0001);
    }, iter: 30);

    [Fact]
    public void Of_AnyTwoRows_ProductStaysWithinTheBound() => Gen.Select(Gen.Int[1, 300], Gen.Int).Sample((dimension, seed) =>
    {
        var rows = Mixed(24, dimension, seed);
        for (var i = 0; i < rows.Count; i++)
        {
            for (var j = 0; j < rows.Count; j++)
            {
                var (error, bound) = Error(rows.Row(i), rows.Row(j));
                Assert.InRange(Math.Abs(error), 0, bound);
            }
        }
    }, iter: 15);

    [Fact]
    public void Of_AdversarialRows_NeedNearlyTheWholeBound()
    {
        // So a bound smaller by a fiftieth misses pairs, which the joins of these rows would show.
        var rows = Adversarial();
        foreach (var (left, right) in new[] { (0, 1), (1, 0), (2, 3), (3, 2) })
        {
            var (error, bound) = Error(rows.Row(left), rows.Row(right));
            Assert.InRange(error, .98 * bound, bound);
        }
    }

    private static (QuantisedRow Row, sbyte[] Values) Quantise(ReadOnlySpan<Half> row)
    {
        var values = new sbyte[QuantisedRow.Padded(row.Length)];
        return (QuantisedRow.Of(row, new float[values.Length], values), values);
    }

    private static (double Error, double Bound) Error(ReadOnlySpan<Half> left, ReadOnlySpan<Half> right)
    {
        var ((a, qa), (b, qb)) = (Quantise(left), Quantise(right));
        var rounded = (double)a.Scale * b.Scale * qa.Zip(qb, (x, y) => x * y).Sum();
        return (Dot(left, right) - rounded, ((double)a.Norm * b.Residual) + ((double)a.Residual * b.RoundedNorm));
    }
}
