using CpfPipeline.Learning.Heads;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Heads;

public sealed class SymmetricEigenTests
{
    [Fact]
    public void Solve_AnySymmetricMatrix_VectorsAndValuesFit() =>
        Gen.Select(Gen.Int[1, 24], Gen.Int[0, 1_000_000]).Sample((n, seed) =>
        {
            var a = Symmetric(n, seed);

            var (values, vectors) = SymmetricEigen.Solve(a);

            for (var k = 0; k < n; k++)
            {
                Assert.True(k == 0 || values[k - 1] >= values[k]);
                for (var i = 0; i < n; i++)
                {
                    Assert.Equal(values[k] * vectors[k][i], Dot(a[i], vectors[k]), 1e-9);
                    Assert.Equal(i == k ? 1 : 0, Dot(vectors[i], vectors[k]), 1e-9);
                }
            }
        }, iter: 50);

    [Fact]
    public void Solve_DiagonalAndZero_AreTheirOwn()
    {
        Assert.Equal([3, 2, -1], SymmetricEigen.Solve([[2, 0, 0], [0, -1, 0], [0, 0, 3]]).Values);
        Assert.Equal([0, 0], SymmetricEigen.Solve([[0, 0], [0, 0]]).Values);
    }

    private static double[][] Symmetric(int n, int seed)
    {
        var random = new Random(seed);
        var a = Enumerable.Range(0, n).Select(_ => new double[n]).ToArray();
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                a[i][j] = a[j][i] = random.Next(4) == 0 ? 0 : random.NextDouble() - .5;
            }
        }

        return a;
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
