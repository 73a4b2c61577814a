using CpfPipeline.Learning.Heads;
using Xunit;
using static TorchSharp.torch;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Heads;

public sealed class HeadStartTests
{
    [Fact]
    public void Frozen_Features_AreKept()
    {
        using var scope = NewDisposeScope();
        var features = rand([5, 6]);
        var embeddings = HeadStart.Frozen(6).Embed(features);
        Assert.True(embeddings.allclose(features / features.norm(1, keepdim: true, p: 2f), 1e-5, 1e-6));
    }

    [Fact]
    public void Pca_AllDirections_AreUncorrelatedWithShrunkWhitenedVariances()
    {
        using var scope = NewDisposeScope();
        using var moments = Moments(Cloud(200, 6, 1), null);
        var head = HeadStart.Pca(moments, squareRoot: false, embeddingDim: 6);

        var projection = tensor(head.Projection, [6, head.EmbeddingDim]).to(ScalarType.Float64);
        var covariance = projection.t().mm(moments.Total).mm(projection);
        var variances = covariance.diagonal().data<double>().ToArray();
        Assert.Equal(1, variances.Sum(), 1e-5);
        Assert.InRange((covariance - covariance.diagonal().diag()).abs().max().item<double>(), 0, 1e-5);
        Assert.Equal(variances.OrderDescending(), variances);

        // lambda / sqrt(0.9 lambda + 0.1 mean): a quarter of whitening's power on both sides.
        var lambda = linalg.eigvalsh(moments.Total).data<double>().ToArray().Reverse().Take(head.EmbeddingDim).ToArray();
        var expected = lambda.Select(v => v / Math.Sqrt((.9 * v) + (.1 * lambda.Average()))).ToArray();
        Assert.All(variances.Zip(expected), p => Assert.Equal(p.Second / expected.Sum(), p.First, 1e-5));
        var strongest = Enumerable.Range(0, head.EmbeddingDim)
            .Select(d => Enumerable.Range(0, 6).Select(k => head.Projection[(k * head.EmbeddingDim) + d]).MaxBy(Math.Abs));
        Assert.All(strongest, v => Assert.True(v > 0));
    }

    [Fact]
    public void Discriminant_NoiseLargerThanTheSignal_LeadsWithTheSignal()
    {
        // Classes differ along axis 1, pictures of a class much more along axis 2.
        using var scope = NewDisposeScope();
        var random = new Random(1);
        var rows = Enumerable.Range(0, 200).SelectMany(i => new[] { 4.0, i % 2 == 0 ? .2 : -.2, random.NextDouble() - .5, 0 }).ToArray();
        var features = tensor(rows, [200, 4]);
        using var moments = Moments(features, [.. Enumerable.Range(0, 200).Select(i => i % 2)]);
        double[] Leading(LinearHead head) =>
        [
            .. Enumerable.Range(0, 4).Select(k => Math.Abs((double)head.Projection[k * head.EmbeddingDim])),
        ];

        var (pca, discriminant) = (Leading(HeadStart.Pca(moments, false, 1)), Leading(HeadStart.Discriminant(moments, false, 1, .01, .15)));

        Assert.True(pca[2] > pca[1]);
        Assert.True(discriminant[1] > 5 * discriminant[2]);
    }

    [Fact]
    public void Scatter_PicturesOfAnotherKind_AreStillToldApart()
    {
        // Pictures of the training kind share axis 0, edits move axis 1. Those of the other kind share axis 2 and differ along axis 3.
        using var scope = NewDisposeScope();
        var random = new Random(1);
        double[] Training(int i) => [4, (i % 2) - .5, 0, random.NextDouble() - .5, (i / 2 * .01) - .25];
        using var moments = Moments(
            tensor(Enumerable.Range(0, 100).SelectMany(Training).ToArray(), [100, 5]),
            [.. Enumerable.Range(0, 100).Select(i => i / 2)]);
        var other = tensor(new[] { 0, .1, 4, .6, 0, 0, -.1, 4, .6, 0, 0, .1, 4, -.6, 0 }, [3, 5]);
        (float Copy, float Stranger) Similarities(LinearHead head)
        {
            var e = head.Embed(other.to(ScalarType.Float32));
            return ((e[0] * e[1]).sum().item<float>(), (e[0] * e[2]).sum().item<float>());
        }

        var (copy, stranger) = Similarities(HeadStart.Scatter(moments, 5, .2, .1, .5));

        Assert.True(copy > .98 && stranger < copy - .02, $"{copy} {stranger}");
        Assert.True(Similarities(HeadStart.Frozen(5)).Copy < copy);
    }

    [Fact]
    public void Discriminant_FewerPicturesThanDimensions_SpansWhatThereIs()
    {
        using var scope = NewDisposeScope();
        using var moments = Moments(Cloud(6, 24, 2), [0, 0, 1, 1, 2, 2]);
        var heads = new[] { HeadStart.Discriminant(moments, false, 16, .2, .15), HeadStart.Pca(moments, false, 16) };
        Assert.All(heads, h =>
        {
            Assert.Equal(5, h.EmbeddingDim);
            Assert.All(h.Projection, v => Assert.True(float.IsFinite(v)));
        });
    }

    [Theory]
    [InlineData(90, 20)]
    [InlineData(30, 40)]
    public void Heads_PicturesMoreOrFewerThanValues_AreThoseOfTheWholeSpaceAndTheSymmetricRoot(int n, int f)
    {
        using var scope = NewDisposeScope();
        var features = Cloud(n, f, 7);
        int[] labels = [.. Enumerable.Range(0, n).Select(i => i / 3)];
        using var moments = Moments(features, labels);
        var x = LinearHead.Units(features, squareRoot: false);
        var mean = x.mean([0L]);
        var means = x.reshape(n / 3, 3, f).mean([1L]).repeat_interleave(3, 0);
        var (total, within) = ((x - mean).t().mm(x - mean) / n, (x - means).t().mm(x - means) / n);
        var shrunk = (.8 * within) + (.2 * within.trace() / f * eye(f, dtype: ScalarType.Float64));
        var (values, vectors) = linalg.eigh(shrunk);
        var root = (vectors / values.sqrt()).mm(vectors.t());

        AssertSpans(HeadStart.Pca(moments, false, 6), eye(f, dtype: ScalarType.Float64), total);
        AssertSpans(HeadStart.Discriminant(moments, false, 6, .2, .15), root, total);
        AssertSpans(HeadStart.Scatter(moments, 6, .2, .15, .4), root, total + (.36 * mean.outer(mean)));

        // The directions, one by one, up to sign and length.
        static void AssertSpans(LinearHead head, Tensor root, Tensor total)
        {
            var expected = root.mm(linalg.eigh(root.mm(total).mm(root)).Item2.flip(1).narrow(1, 0, 6));
            var actual = tensor(head.Projection, [head.FeatureDim, 6]).to(ScalarType.Float64);
            var lengths = actual.norm(0, keepdim: false, p: 2f) * expected.norm(0, keepdim: false, p: 2f);
            var cosines = ((actual * expected).sum([0L]) / lengths).abs();
            Assert.All(cosines.data<double>().ToArray(), c => Assert.Equal(1, c, 1e-5));
        }
    }

    [Fact]
    public void Discriminant_PicturesOfAClassAllAlike_IsFinite()
    {
        using var scope = NewDisposeScope();
        using var moments = Moments(Cloud(4, 8, 3).repeat_interleave(2, 0), [0, 0, 1, 1, 2, 2, 3, 3]);
        var head = HeadStart.Discriminant(moments, false, 8, .2, .15);
        Assert.Equal(3, head.EmbeddingDim);
        Assert.All(head.Projection, v => Assert.True(float.IsFinite(v)));
    }

    [Fact]
    public void Pca_FeaturesAllAlike_SaysSo()
    {
        using var scope = NewDisposeScope();
        using var moments = Moments(zeros([6, 4], dtype: ScalarType.Float64), null);
        Assert.Contains("equal", Assert.Throws<ArgumentException>(() => HeadStart.Pca(moments, false, 4)).Message);
    }

    [Fact]
    public void Discriminant_NoLabels_SaysSo()
    {
        using var scope = NewDisposeScope();
        using var moments = Moments(Cloud(6, 4, 1), null);
        Assert.Throws<ArgumentException>(() => HeadStart.Discriminant(moments, false, 4, .2, .15));
    }

    [Fact]
    public void Discriminant_Twice_SameBytes()
    {
        using var scope = NewDisposeScope();
        LinearHead Make()
        {
            using var moments = Moments(Cloud(60, 12, 5), [.. Enumerable.Range(0, 60).Select(i => i / 3)]);
            return HeadStart.Discriminant(moments, squareRoot: true, 8, .2, .15);
        }

        Assert.Equal(Make().ToOnnx("x"), Make().ToOnnx("x"));
    }

    private static Tensor Cloud(int n, int f, int seed)
    {
        var random = new Random(seed);
        return tensor(Enumerable.Range(0, n * f).Select(i => .2 + (random.NextDouble() / (1 + (i % f)))).ToArray(), [n, f]);
    }

    private static FeatureMoments Moments(Tensor features, int[]? labels) =>
        FeatureMoments.Of(features, false, labels, null, TestContext.Current.CancellationToken);
}
