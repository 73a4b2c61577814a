using CpfPipeline.Learning.Losses;
using Xunit;
using static TorchSharp.torch;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Losses;

public sealed class CpfLossTests
{
    public static TheoryData<string, double> Settings()
    {
        var data = new TheoryData<string, double>();
        foreach (var preset in CpfParameters.Presets.Keys)
        {
            data.Add(preset, 0);
            data.Add(preset, .1);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Settings))]
    public void Forward_Random_IsWhatPlainLoopsGive(string preset, double smoothing)
    {
        for (var seed = 0; seed < 4; seed++)
        {
            AssertLikeLoops(Random(CpfParameters.Presets[preset] with { LabelSmoothing = smoothing }, seed));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(.1)]
    public void Forward_NothingBeyondTheFieldThreshold_PushesNothing(double smoothing)
    {
        var sample = Random(new CpfParameters { FieldThreshold = .999, LabelSmoothing = smoothing }, 1);
        Assert.Equal(0, sample.Value().N);
        AssertLikeLoops(sample);
    }

    [Fact]
    public void Forward_PicturesOppositeTheirCentres_ClampsTheirCosine()
    {
        var sample = Random(CpfParameters.Default, 2);
        sample = sample with { Embeddings = [.. sample.Embeddings.Select((x, i) => i % 2 == 0 ? [.. x.Select(v => -v)] : x)] };
        Assert.Contains(sample.Labels.Select((l, i) => sample.Cosines[i][l]), c => c < -.5);
        AssertLikeLoops(sample);
    }

    [Fact]
    public void Forward_ClassesWithoutPictures_StillPush()
    {
        var sample = Random(CpfParameters.Default with { FieldThreshold = -1 }, 3);
        sample = sample with { Labels = [.. sample.Labels.Select(l => l % 2)] };
        AssertLikeLoops(sample);
        var (_, _, centres) = Rows.Run(c => new CpfLoss(sample.Parameters, c), sample.Embeddings, sample.Centres, sample.Labels);
        Assert.NotEqual(0, centres[^1]);
    }

    [Fact]
    public void Forward_Float32NearItsGoal_KeepsItsTolerance()
    {
        // Everything close to its own centre, the other centres below the threshold: the own classes' exponentials (e^9) must not leave rounding in N.
        var random = new Random(4);
        var centres = Enumerable.Range(0, 16).Select(i => Enumerable.Range(0, 16).Select(k => k == i ? 1.0 : 0).ToArray()).ToArray();
        int[] labels = [.. Enumerable.Range(0, 100).Select(_ => random.Next(16))];
        foreach (var preset in CpfParameters.Presets.Values)
        {
            var sample = new CpfCase(preset, Rows.Around(random, centres, labels, .08), centres, labels);
            Assert.Equal(0, sample.Value().N);
            var (loss, embeddings, _) = Rows.Run(c => new CpfLoss(preset, c), sample.Embeddings, centres, labels, ScalarType.Float32);
            Assert.Equal(sample.Value().Loss, loss, 2e-6);
            Assert.InRange(Rows.Gap(sample.Gradients().Embeddings.SelectMany(r => r), embeddings), 0, 1e-4);
        }
    }

    [Fact]
    public void Forward_ScaledInputs_SameLoss()
    {
        var sample = Random(CpfParameters.Shopee, 5);
        var (expected, _, _) = Rows.Run(c => new CpfLoss(sample.Parameters, c), sample.Embeddings, sample.Centres, sample.Labels);
        var (scaled, _, _) = Rows.Run(
            c => new CpfLoss(sample.Parameters, c), [.. sample.Embeddings.Select(x => x.Select(v => 7 * v).ToArray())], sample.Centres, sample.Labels);
        Assert.Equal(expected, scaled, 1e-12);
    }

    [Fact]
    public void Gradients_OfTheLoops_AreTheirDifferencesWithFrozenWeights()
    {
        var sample = Random(CpfParameters.CubCars with { LabelSmoothing = .05 }, 6);
        var frozen = sample.Cosines;
        var (embeddings, centres) = Rows.Differences(
            (x, w) => (sample with { Embeddings = x, Centres = w }).Value((sample with { Embeddings = x, Centres = w }).Cosines, frozen).Loss,
            sample.Embeddings, sample.Centres);
        var (byHandOfEmbeddings, byHandOfCentres) = sample.Gradients();
        Assert.InRange(Rows.Gap(byHandOfEmbeddings.SelectMany(r => r), embeddings), 0, 1e-4);
        Assert.InRange(Rows.Gap(byHandOfCentres.SelectMany(r => r), centres), 0, 1e-4);
    }

    private static CpfCase Random(CpfParameters parameters, int seed)
    {
        var random = new Random(seed);
        var centres = Rows.Random(random, 7, 10, 2);
        int[] labels = [.. Enumerable.Range(0, 12).Select(_ => random.Next(7))];
        return new CpfCase(parameters, Rows.Around(random, centres, labels, 2.5), centres, labels);
    }

    private static void AssertLikeLoops(CpfCase sample)
    {
        var (loss, embeddings, centres) = Rows.Run(c => new CpfLoss(sample.Parameters, c), sample.Embeddings, sample.Centres, sample.Labels);
        Assert.Equal(sample.Value().Loss, loss, 1e-12);
        var (expectedOfEmbeddings, expectedOfCentres) = sample.Gradients();
        Assert.InRange(Rows.Gap(expectedOfEmbeddings.SelectMany(r => r), embeddings), 0, 1e-10);
        Assert.InRange(Rows.Gap(expectedOfCentres.SelectMany(r => r), centres), 0, 1e-10);
    }
}
