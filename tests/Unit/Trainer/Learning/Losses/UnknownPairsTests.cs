using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Learning.Losses;
using Xunit;
using static TorchSharp.torch;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Losses;

/// <summary>Pairs of two key scopes are neither positives nor negatives of any loss.</summary>
public sealed class UnknownPairsTests
{
    public static TheoryData<string> Names => [.. LossChoice.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Forward_AnUnknownClassMovesOntoAPicture_LossAndGradientsStay(string name)
    {
        // Classes 0 and 1 are of one scope, 2 of another; only pictures of 0 and 1 are in the batch, so nothing but unknown pairs touches
        // class 2.
        var random = new Random(1);
        var centres = Rows.Random(random, 3, 6);
        int[] labels = [0, 0, 1, 1];
        var embeddings = Rows.Around(random, centres, labels, 1);
        var near = centres.Select(c => c.ToArray()).ToArray();
        near[2] = [.. embeddings[0]];

        var far = Run(name, embeddings, centres, labels);
        var onto = Run(name, embeddings, near, labels);

        Assert.Equal(far.Loss, onto.Loss);
        Assert.Equal(far.Embeddings, onto.Embeddings);
        Assert.All(onto.Centres.Skip(12), g => Assert.Equal(0, g));
        if (name != LossChoice.MultiSimilarity)
        {
            Assert.NotEqual(Rows.Run(new LossChoice(name).Make, embeddings, near, labels).Loss, onto.Loss);
        }
    }

    [Fact]
    public void Forward_MultiSimilarity_PicturesOfTwoScopesDoNotRepelEachOther()
    {
        int[] labels = [0, 0, 2, 2];
        double[][] apart = [[1, 0], [.9, .1], [-1, 0], [-.9, .1]];
        double[][] together = [[1, 0], [.9, .1], [1, .01], [.9, .11]];
        double[][] centres = [[1, 0], [0, 1], [1, 1]];
        Assert.Equal(
            Run(LossChoice.MultiSimilarity, apart[..2], centres, labels[..2]).Embeddings,
            Run(LossChoice.MultiSimilarity, together, centres, labels).Embeddings.Take(4).Select(g => g * 2));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Forward_AllKnown_IsAsWithoutAMask(string name)
    {
        var random = new Random(2);
        var centres = Rows.Random(random, 4, 6);
        int[] labels = [0, 0, 1, 1, 2, 3];
        var embeddings = Rows.Around(random, centres, labels, 1);
        var masked = Rows.Run(new LossChoice(name).Make, embeddings, centres, labels, unknown: () => zeros(6, 4, dtype: ScalarType.Bool));
        var plain = Rows.Run(new LossChoice(name).Make, embeddings, centres, labels);
        Assert.Equal(plain.Loss, masked.Loss);
        Assert.Equal(plain.Embeddings, masked.Embeddings);
    }

    [Fact]
    public void Unknown_ScopesAndSeparations_OnlyOtherScopesWithoutASeparation()
    {
        var scopes = ClassScopes.Of([0, 0, 1, 2], [(1, 3)])!;
        Assert.Equal(
            [false, false, true, true, false, false, true, false, true, true, false, true, true, false, true, false],
            scopes.Unknown([0, 1, 2, 3], CPU).data<bool>().ToArray());
        Assert.Null(ClassScopes.Of([4, 4], []));
    }

    private static (double Loss, double[] Embeddings, double[] Centres) Run(
        string name, double[][] embeddings, double[][] centres, int[] labels) =>
        Rows.Run(
            new LossChoice(name).Make, embeddings, centres, labels, unknown: () => ClassScopes.Of([0, 0, 1], [])!.Unknown(labels, CPU));
}
