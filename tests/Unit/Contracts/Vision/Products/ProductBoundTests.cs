using CpfPipeline.Vision.Products;
using CpfPipeline.Vision.Sessions;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Products;

public sealed class ProductBoundTests
{
    [Theory]
    [InlineData(ProductType.Float32)]
    [InlineData(ProductType.Float16)]
    public void Threshold_ProductAsFarOffAsTheBoundAllows_StillReachesIt(ProductType type) =>
        Gen.Select(Gen.Double[-1.2, 1.2], Gen.Int[1, 4096], Gen.Double[0.5, 16]).Sample((similarity, dimension, norm) =>
        {
            var bound = ProductBound.Of(type, dimension, norm, norm);
            var worst = similarity - bound;

            // The number of the type next to the worst product, not below it.
            var product = type == ProductType.Float16 ? UpTo((Half)worst, worst) : UpTo((float)worst, worst);

            Assert.True(product >= ProductBound.Threshold(type, similarity, bound));
        });

    [Theory]
    [InlineData(ProductType.Float32)]
    [InlineData(ProductType.Float16)]
    public void Of_ProductsThatOnnxRuntimeComputes_AreWithinIt(ProductType type)
    {
        const int Rows = 24;
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[1, 300]).Sample(
            (seed, dimension) =>
            {
                var random = new Random(seed);
                var rows = Enumerable.Range(0, Rows).Select(_ => HardRow(random, dimension)).ToArray();
                using var session = new ProductSession(dimension, new SessionSettings { Provider = ExecutionProviderRequest.Cpu }, type);
                session.SetRight(Rows, (row, to) => rows[row].CopyTo(to));
                var seen = 0;
                session.Run(Rows, (row, to) => rows[row].CopyTo(to), _ => -60_000, (a, b, product) =>
                {
                    var (exact, na, nb) = (Exact(rows[a], rows[b]), Exact(rows[a], rows[a]), Exact(rows[b], rows[b]));
                    Assert.InRange(Math.Abs(product - exact), 0, ProductBound.Of(type, dimension, na, nb));
                    seen++;
                });
                Assert.Equal(Rows * Rows, seen);
            },
            iter: 15);
    }

    [Fact]
    public void Of_UnitRowsOf256_LetsLittleThrough()
    {
        Assert.InRange(ProductBound.Of(ProductType.Float32, 256, 1, 1), 1.5e-5, 1.6e-5);
        Assert.InRange(ProductBound.Of(ProductType.Float16, 256, 1, 1), 1e-3, 1.2e-3);
    }

    // Halves of very different size, subnormal ones too, and pairs that cancel.
    private static Half[] HardRow(Random random, int dimension)
    {
        var row = new Half[dimension];
        for (var i = 0; i < dimension; i++)
        {
            var value = (random.NextDouble() - 0.5) * Math.Pow(2, -random.Next(0, 26));
            row[i] = (Half)(i > 0 && random.Next(4) == 0 ? -(double)row[i - 1] : value);
        }

        var norm = Math.Max(1, Math.Sqrt(Exact(row, row)));
        return [.. row.Select(v => (Half)((double)v / norm))];
    }

    private static double Exact(Half[] a, Half[] b) => a.Zip(b, (x, y) => (double)x * (double)y).Sum();

    private static double UpTo(Half nearest, double value) => (double)((double)nearest < value ? Half.BitIncrement(nearest) : nearest);

    private static double UpTo(float nearest, double value) => nearest < value ? MathF.BitIncrement(nearest) : nearest;
}
