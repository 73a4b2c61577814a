using CpfPipeline.Learning.Heads;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Heads;

public sealed class HeadBuilderTests
{
    private const int F = 6;

    [Fact]
    public void CopyAware_CopiesThatMoveAlongOneAxis_CountThatAxisLess()
    {
        // Pictures differ along all axes alike; a copy moves along axis 1 alone.
        var random = new Random(3);
        var features = Enumerable.Range(0, 300).Select(_ => Feature(random)).ToList();
        var copies = features.Select(f => (Moved(f, 1, random.NextDouble() < .5 ? .5f : -.5f), f)).ToList();

        using var head = new HeadSession(
            HeadFile.Load(HeadBuilder.CopyAware(features, copies, 3, .1, "test"), "a head"), new SessionSettings());

        // With half of the directions, the one that copies move along is not among the leading ones.
        var one = features[0];
        Assert.Equal(3, head.Spec.EmbeddingDim);
        Assert.InRange(Similarity(head, one, Moved(one, 1, .5f)), .95, 1.001);
        Assert.True(Similarity(head, one, Moved(one, 1, .5f)) > Similarity(head, one, Moved(one, 2, .5f)) + .02);
    }

    [Fact]
    public void CopyAware_FewerPicturesThanDimensions_SpansWhatThereIs()
    {
        var random = new Random(4);
        var features = Enumerable.Range(0, 4).Select(_ => Feature(random)).ToList();
        var copies = features.Select(f => (Feature(random), f)).ToList();
        Assert.Equal(3, HeadFile.Load(HeadBuilder.CopyAware(features, copies, F, .1, "test"), "a head").Spec.EmbeddingDim);
    }

    [Fact]
    public void CopyAware_FeaturesAllAlike_SaysSo()
    {
        float[] one = [1, 0, 0, 0, 0, 0];
        var copies = new[] { (Moved(one, 1, .5f), one) };
        Assert.Contains("equal", Assert.Throws<ArgumentException>(() => HeadBuilder.CopyAware([one, one], copies, 2, .1, "test")).Message);
    }

    [Fact]
    public void CopyAware_Twice_SameBytes()
    {
        byte[] Make()
        {
            var random = new Random(5);
            var features = Enumerable.Range(0, 50).Select(_ => Feature(random)).ToList();
            return HeadBuilder.CopyAware(features, [.. features.Select(f => (Moved(f, 2, .2f), f))], 4, .1, "test");
        }

        Assert.Equal(Make(), Make());
    }

    private static float[] Feature(Random random) => [2, .. Enumerable.Range(1, F - 1).Select(_ => random.NextSingle() - .5f)];

    private static float[] Moved(float[] feature, int axis, float by) => [.. feature.Select((v, i) => i == axis ? v + by : v)];

    private static double Similarity(HeadSession head, float[] a, float[] b)
    {
        var d = head.Spec.EmbeddingDim;
        var embeddings = new Half[2 * d];
        head.Embed([.. a.Concat(b).Select(v => (Half)v)], 2, embeddings, new string?[2]);
        return Enumerable.Range(0, d).Sum(k => (double)embeddings[k] * (double)embeddings[d + k]);
    }
}
