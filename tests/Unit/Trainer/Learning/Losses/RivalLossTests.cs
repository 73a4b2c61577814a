using CpfPipeline.Learning.Losses;
using Xunit;
using static TorchSharp.torch;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Losses;

/// <summary>The rivals against loops written down from their papers' equations, and those loops' differences.</summary>
public sealed class RivalLossTests
{
    public static TheoryData<string, int> Cases()
    {
        var data = new TheoryData<string, int>();
        foreach (var name in LossChoice.Names.Where(n => n != LossChoice.Cpf))
        {
            for (var seed = 0; seed < 4; seed++)
            {
                data.Add(name, seed);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_Random_IsWhatThePapersEquationsGive(string name, int seed)
    {
        // Class 5 has no picture, class 4 one; one picture lies opposite its centre.
        var random = new Random(seed);
        var centres = Rows.Random(random, 6, 8, 2);
        int[] labels = [0, 0, 1, 1, 1, 2, 2, 3, 3, 4];
        var embeddings = Rows.Around(random, centres, labels, 2);
        embeddings[0] = [.. centres[0].Select(v => (.1 * random.NextDouble()) - v)];

        var (loss, ofEmbeddings, ofCentres) = Rows.Run(new LossChoice(name).Make, embeddings, centres, labels);

        Func<double[][], double[][], double> loops = (x, w) => Loops(name, x, w, labels);
        var expected = loops(embeddings, centres);
        Assert.Equal(expected, loss, 1e-11 * Math.Max(1, expected));
        var (expectedOfEmbeddings, expectedOfCentres) = Rows.Differences(loops, embeddings, centres);
        Assert.InRange(Rows.Gap(expectedOfEmbeddings, ofEmbeddings), 0, 1e-6);
        if (name == LossChoice.MultiSimilarity)
        {
            Assert.All(expectedOfCentres, g => Assert.Equal(0, g));
        }
        else
        {
            Assert.InRange(Rows.Gap(expectedOfCentres, ofCentres), 0, 1e-6);
        }

        var (single, _, _) = Rows.Run(new LossChoice(name).Make, embeddings, centres, labels, ScalarType.Float32);
        Assert.Equal(expected, single, 1e-4 * Math.Max(1, expected));
    }

    [Theory]
    [InlineData(LossChoice.NormalisedSoftmax)]
    [InlineData(LossChoice.ArcFace)]
    [InlineData(LossChoice.MultiSimilarity)]
    [InlineData(LossChoice.ProxyAnchor)]
    [InlineData(LossChoice.Cpf)]
    public void Forward_PictureOnItsCentreAndTwins_GradientIsFinite(string name)
    {
        double[][] centres = [[1, 0, 0], [0, 1, 0]];
        double[][] embeddings = [[1, 0, 0], [1, 0, 0], [0, 2, 0], [0, -1, 0]];
        var (loss, ofEmbeddings, ofCentres) = Rows.Run(new LossChoice(name).Make, embeddings, centres, [0, 0, 1, 1], ScalarType.Float32);
        Assert.True(double.IsFinite(loss));
        Assert.All(ofEmbeddings.Concat(ofCentres), g => Assert.True(double.IsFinite(g)));
    }

    [Fact]
    public void Forward_OneClassInTheBatch_MultiSimilarityIsZero()
    {
        // No negatives: mining leaves no pair.
        var (loss, _, _) = Rows.Run(_ => new MultiSimilarityLoss(), Rows.Random(new Random(1), 4, 5), [[1.0]], [0, 0, 0, 0]);
        Assert.Equal(0, loss);
    }

    [Fact]
    public void Make_UnknownName_NamesThoseThereAre() =>
        Assert.Contains("proxyanchor", Assert.Throws<ArgumentException>(() => new LossChoice("triplet").Make(zeros(2, 2))).Message);

    private static double Loops(string name, double[][] x, double[][] w, int[] labels) => name switch
    {
        LossChoice.NormalisedSoftmax => CrossEntropy(x, w, labels, (c, _) => c / .05),
        LossChoice.ArcFace => CrossEntropy(x, w, labels, (c, own) => 16 * (own ? Enlarged(c) : c)),
        LossChoice.MultiSimilarity => MultiSimilarity(x, labels),
        LossChoice.ProxyAnchor => ProxyAnchor(x, w, labels),
        _ => throw new ArgumentException(name),
    };

    private static double Enlarged(double cosine)
    {
        var angle = Math.Acos(cosine) + .5;
        return angle < Math.PI ? Math.Cos(angle) : cosine - (.5 * Math.Sin(.5));
    }

    private static double CrossEntropy(double[][] x, double[][] w, int[] labels, Func<double, bool, double> logit) => x.Select((row, i) =>
    {
        var logits = w.Select((centre, j) => logit(Rows.Cosine(row, centre), j == labels[i])).ToArray();
        return Math.Log(logits.Sum(Math.Exp)) - logits[labels[i]];
    }).Average();

    // Equations 11, 12 (mining) and 15.
    private static double MultiSimilarity(double[][] x, int[] labels)
    {
        const double Alpha = 2, Beta = 50, Lambda = .5, Epsilon = .1;
        var total = 0.0;
        for (var i = 0; i < x.Length; i++)
        {
            var positives = Enumerable.Range(0, x.Length).Where(k => k != i && labels[k] == labels[i]).Select(k => Rows.Cosine(x[i], x[k])).ToList();
            var negatives = Enumerable.Range(0, x.Length).Where(k => labels[k] != labels[i]).Select(k => Rows.Cosine(x[i], x[k])).ToList();
            var hardNegatives = positives.Count == 0 ? [] : negatives.Where(s => s > positives.Min() - Epsilon).ToList();
            var hardPositives = negatives.Count == 0 ? [] : positives.Where(s => s < negatives.Max() + Epsilon).ToList();
            total += Math.Log(1 + hardPositives.Sum(s => Math.Exp(-Alpha * (s - Lambda)))) / Alpha;
            total += Math.Log(1 + hardNegatives.Sum(s => Math.Exp(Beta * (s - Lambda)))) / Beta;
        }

        return total / x.Length;
    }

    // Equation 4.
    private static double ProxyAnchor(double[][] x, double[][] w, int[] labels)
    {
        const double Alpha = 32, Delta = .1;
        var (pull, push) = (0.0, 0.0);
        for (var p = 0; p < w.Length; p++)
        {
            var (positives, negatives) = (0.0, 0.0);
            for (var i = 0; i < x.Length; i++)
            {
                var s = Rows.Cosine(x[i], w[p]);
                positives += labels[i] == p ? Math.Exp(-Alpha * (s - Delta)) : 0;
                negatives += labels[i] != p ? Math.Exp(Alpha * (s + Delta)) : 0;
            }

            pull += Math.Log(1 + positives);
            push += Math.Log(1 + negatives);
        }

        return (pull / labels.Distinct().Count()) + (push / w.Length);
    }
}
