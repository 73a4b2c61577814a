using CpfPipeline.Learning.Heads;
using CsCheck;
using Xunit;
using static TorchSharp.torch;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Heads;

public sealed class PrincipalAxesTests
{
    [Fact]
    public void Of_AnySymmetricMatrix_IsOrthonormalDescendingAndReconstructs() =>
        Gen.Select(Gen.Int[1, 24], Gen.Int[0, 1_000_000]).Sample((n, seed) =>
        {
            using var scope = NewDisposeScope();
            var matrix = Symmetric(n, seed);

            var (values, vectors) = PrincipalAxes.Of(matrix);

            var variances = values.data<double>().ToArray();
            Assert.Equal(variances.OrderDescending(), variances);
            Assert.True(vectors.t().mm(vectors).allclose(eye(n, dtype: ScalarType.Float64), 1e-9, 1e-9));
            Assert.True((vectors * values).mm(vectors.t()).allclose(matrix, 1e-9, 1e-9));
            for (var k = 0; k < n; k++)
            {
                Assert.True(vectors[.., k].contiguous().data<double>().ToArray().MaxBy(Math.Abs) > 0);
            }
        }, iter: 50);

    [Fact]
    public void Of_DiagonalAndZero_AreTheirOwn()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([3, 2, -1], PrincipalAxes.Of(tensor(new double[] { 2, -1, 3 }).diag()).Variances.data<double>().ToArray());
        Assert.Equal([0, 0], PrincipalAxes.Of(zeros([2, 2], dtype: ScalarType.Float64)).Variances.data<double>().ToArray());
    }

    private static Tensor Symmetric(int n, int seed)
    {
        var random = new Random(seed);
        var half = tensor(Enumerable.Range(0, n * n).Select(_ => random.Next(4) == 0 ? 0 : random.NextDouble() - .5).ToArray(), [n, n]);
        return (half + half.t()) / 2;
    }
}
