using CpfPipeline.Learning.Heads;
using CsCheck;
using Xunit;
using static TorchSharp.torch;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Heads;

public sealed class FeatureMomentsTests
{
    [Fact]
    public void Of_Anything_IsWhatPlainLoopsGive() =>
        Gen.Select(Gen.Int[2, 40], Gen.Int[1, 6], Gen.Int[0, 1_000], Gen.Bool, Gen.Bool, Gen.Bool).Sample(
            (n, f, seed, root, weighted, labelled) =>
            AssertLikeLoops(n, f, seed, root, weighted, labelled), iter: 60);

    [Fact]
    public void Of_FewerPicturesThanValues_IsInCoordinatesOfTheirSpan()
    {
        AssertLikeLoops(5, 12, 1, squareRoot: true, isWeighted: true, isLabelled: true);
        using var scope = NewDisposeScope();
        using var moments = FeatureMoments.Of(rand([5, 12]), false, null, null, TestContext.Current.CancellationToken);
        Assert.Equal([5, 5], moments.Total.shape);
        AssertClose(eye(5, dtype: ScalarType.Float64).data<double>().ToArray(), moments.Basis!.t().mm(moments.Basis));
    }

    [Fact]
    public void Of_FewerDirectionsWanted_IsInThoseOfTheLargestVariance()
    {
        using var scope = NewDisposeScope();
        var spread = tensor(Enumerable.Range(0, 60).Select(i => Math.Pow(.7, i)).ToArray());
        var features = randn([300, 60], dtype: ScalarType.Float64, generator: new Generator(3, CPU)) * spread + .5;
        int[] labels = [.. Enumerable.Range(0, 300).Select(i => i / 3)];
        double[] weights = [.. Enumerable.Range(0, 300).Select(i => 1 + (i % 4 * .5))];
        using var all = FeatureMoments.Of(features, true, labels, weights, TestContext.Current.CancellationToken);
        using var few = FeatureMoments.Of(features, true, labels, weights, TestContext.Current.CancellationToken, maxDirections: 6);

        var (variances, directions) = PrincipalAxes.Of(all.Total);
        Assert.True(few.IsLimited);
        Assert.Equal([60, 6], few.Basis!.shape);
        AssertClose(eye(6, dtype: ScalarType.Float64).data<double>().ToArray(), few.Basis.t().mm(few.Basis));
        var expected = directions.narrow(1, 0, 6);
        Assert.True(expected.t().mm(few.Basis).abs().allclose(eye(6, dtype: ScalarType.Float64), 1e-3, 1e-3));
        Assert.True(few.Total.diagonal().allclose(variances.narrow(0, 0, 6), 1e-4));
        Assert.True(few.Within!.allclose(few.Basis.t().mm(all.Within!).mm(few.Basis), 1e-6, 1e-9));
        Assert.True(few.Mean.allclose(few.Basis.mv(few.Basis.t().mv(all.Mean)), 1e-9, 1e-12));
    }

    [Theory]
    [InlineData(300, 8)]
    [InlineData(8, 300)]
    public void Of_NoFewerDirectionsThanThereAre_LeavesNoneOut(int pictures, int values)
    {
        using var scope = NewDisposeScope();
        using var moments = FeatureMoments.Of(
            rand([pictures, values]), false, null, null, TestContext.Current.CancellationToken, maxDirections: 8);
        Assert.False(moments.IsLimited);
    }

    [Fact]
    public void Of_MoreThanABlock_IsWhatPlainLoopsGive() =>
        AssertLikeLoops(4_100, 3, 1, squareRoot: true, isWeighted: true, isLabelled: true);

    [Fact]
    public void Of_Halves_MeansTheSame()
    {
        using var scope = NewDisposeScope();
        var features = rand([50, 4]).to(ScalarType.Float16);
        using var halves = FeatureMoments.Of(features, false, null, null, TestContext.Current.CancellationToken);
        using var doubles = FeatureMoments.Of(features.to(ScalarType.Float64), false, null, null, TestContext.Current.CancellationToken);
        Assert.True(halves.Total.allclose(doubles.Total, 1e-5, 1e-7));
        Assert.Null(halves.Within);
    }

    [Fact]
    public void Of_Cancelled_Stops()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<OperationCanceledException>(
            () => FeatureMoments.Of(rand([5, 4]), false, null, null, new CancellationToken(canceled: true)));
    }

    private static void AssertLikeLoops(int n, int f, int seed, bool squareRoot, bool isWeighted, bool isLabelled)
    {
        using var scope = NewDisposeScope();
        var random = new Random(seed);
        var rows = Enumerable.Range(0, n).Select(_ => Enumerable.Range(0, f).Select(_ => random.NextDouble() - .3).ToArray()).ToArray();

        // Class 1 stays empty.
        var labels = isLabelled ? Enumerable.Range(0, n).Select(_ => random.Next(4)).Select(c => c == 1 ? 2 : c).ToArray() : null;
        var weights = isWeighted ? Enumerable.Range(0, n).Select(_ => .1 + random.NextDouble()).ToArray() : null;

        using var moments = FeatureMoments.Of(
            tensor(rows.SelectMany(r => r).ToArray(), [n, f]), squareRoot, labels, weights, TestContext.Current.CancellationToken);

        var units = rows.Select(r => Unit([.. r.Select(v => squareRoot ? Math.Sign(v) * Math.Sqrt(Math.Abs(v)) : v)])).ToArray();
        double Weight(int i) => weights?[i] ?? 1;
        double[] MeanOf(Func<int, bool> chosen) =>
        [
            .. Enumerable.Range(0, f).Select(k =>
                Enumerable.Range(0, n).Where(chosen).Sum(i => Weight(i) * units[i][k]) / Enumerable.Range(0, n).Where(chosen).Sum(Weight)),
        ];
        var mean = MeanOf(_ => true);
        AssertClose(mean, moments.Mean);
        AssertClose(Scatter(_ => mean), InFeatures(moments, moments.Total));
        if (labels is null)
        {
            Assert.Null(moments.Within);
        }
        else
        {
            var means = labels.Distinct().ToDictionary(c => c, c => MeanOf(i => labels[i] == c));
            AssertClose(Scatter(i => means[labels[i]]), InFeatures(moments, moments.Within!));
        }

        double[] Scatter(Func<int, double[]> about)
        {
            var (sum, all) = (new double[f * f], 0.0);
            for (var i = 0; i < n; i++)
            {
                all += Weight(i);
                for (var a = 0; a < f; a++)
                {
                    for (var b = 0; b < f; b++)
                    {
                        sum[(a * f) + b] += Weight(i) * (units[i][a] - about(i)[a]) * (units[i][b] - about(i)[b]);
                    }
                }
            }

            return [.. sum.Select(v => v / all)];
        }
    }

    private static Tensor InFeatures(FeatureMoments moments, Tensor scatter) =>
        moments.Basis is { } basis ? basis.mm(scatter).mm(basis.t()) : scatter;

    private static double[] Unit(double[] row)
    {
        var length = Math.Sqrt(row.Sum(v => v * v));
        return [.. row.Select(v => v / length)];
    }

    private static void AssertClose(double[] expected, Tensor actual)
    {
        var values = actual.contiguous().data<double>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        Assert.InRange(expected.Zip(values, (e, a) => Math.Abs(e - a)).Max(), 0, 1e-12);
    }
}
