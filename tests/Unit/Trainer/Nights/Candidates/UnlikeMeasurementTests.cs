using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.Graphs;
using CpfPipeline.Learning.Heads;
using CpfPipeline.Nights.Candidates;
using CpfPipeline.Nights.TrainingSets;
using CpfPipeline.Vision.Models;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Nights.Candidates;

public sealed class UnlikeMeasurementTests
{
    private const int Dim = 16;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_HeadThatFindsEverythingAlike_IsTooAlikeInMadeUpPicturesAndContents(bool alike)
    {
        var backbone = BackboneFile.Load(
            ResNetBackbone.Write(new ResNetSpec { Side = 24, StemWidth = 8, Widths = [8, Dim], Blocks = [1, 1] }, 1), "tiny");
        var active = HeadFile.Load(HeadBuilder.Identity(Dim), "active");

        // What every picture has in common is large against all else.
        var plain = HeadStart.Frozen(Dim);
        var lump = plain with { Mean = [.. plain.Mean.Select(_ => -100f)] };
        var head = HeadFile.Load((alike ? lump : plain).ToOnnx("candidate"), "candidate");
        var random = new Random(1);
        var features = new ContentVectors(Dim, [.. Enumerable.Range(0, 120 * Dim).Select(_ => (Half)random.NextDouble())]);
        var set = TrainingSet.Of([.. Enumerable.Range(1, 120).Select(id => new LiveContent(id, false))], [], []);
        var vectors = HeadVectors.Compute(head, features, CancellationToken.None);
        var fitted = new FittedCandidate(
            head, vectors.Vectors, vectors.IsUsable, new PooledThreshold(.9999, 0, [], [], 0, true), null, null, null,
            IsGuarded: false);
        var data = new TrainingData(set, features, HeadVectors.Compute(active, features, CancellationToken.None).Vectors);

        var measured = new UnlikeMeasurement(backbone, active).Of(data, fitted, .9999, 1, CancellationToken.None);

        Assert.Equal([("made-up pictures", 96), ("contents without a product", 120)], measured.Select(m => (m.Of, m.Count)));
        Assert.All(measured, m => Assert.Equal(alike, m.IsTooAlike));
        Assert.All(measured, m => Assert.InRange(m.Candidate, alike ? .8 : 0, alike ? 1 : .3));
    }
}
