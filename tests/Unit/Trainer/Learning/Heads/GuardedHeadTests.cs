using CpfPipeline.Learning.Heads;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;
using Xunit;
using static TorchSharp.torch;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Heads;

public sealed class GuardedHeadTests
{
    private const int F = 96;
    private const int D = 95; // Odd: one sine is left out.
    private const int KnownAxes = 8;
    private const double Tau = .5;
    private const double StartThreshold = .95;
    private readonly Random _random = new(1);

    [Fact]
    public void Write_PicturesOfAnotherKind_AreApartAsUnderTheStartModelAndKnownOnesAsLearned()
    {
        var known = Enumerable.Range(0, 600).Select(_ => Known()).ToList();
        var others = Enumerable.Range(0, 40).Select(_ => Other()).ToList();
        var (learned, span) = Fit(known);

        var plain = Embed(HeadFile.Load(learned.ToOnnx("plain"), "plain"), [.. known.Take(50), .. others]);
        var file = HeadFile.Load(GuardedHead.Write(learned, Tau, span, Start, "guarded")!, "guarded");
        var guarded = Embed(file, [.. known.Take(50), .. others]);

        // What is to be mended: the learned head finds most of them alike.
        Assert.True(Alike(plain[50..]) > .5, $"{Alike(plain[50..])} of the pairs");
        Assert.Equal(0, Alike(guarded[50..]));
        Assert.Equal((F, D), (file.Spec.FeatureDim, file.Spec.EmbeddingDim));
        for (var i = 0; i < 50; i++)
        {
            Assert.True(Similarity.Exact(plain[i], guarded[i]) > .999, $"known picture {i}");
        }
    }

    [Theory]
    [InlineData(.99, true)]
    [InlineData(.85, false)]
    public void Write_TwoPicturesOfAnotherKind_MatchWhereTheyDoUnderTheStartModel(double similarity, bool match)
    {
        var (learned, span) = Fit([.. Enumerable.Range(0, 600).Select(_ => Known())]);
        var head = HeadFile.Load(GuardedHead.Write(learned, Tau, span, Start, "guarded")!, "guarded");

        // Chance is about 0.1 a pair.
        var matching = Enumerable.Range(0, 20).Count(_ =>
        {
            var a = Unit(Other());
            var b = Unit(Other());
            var across = Unit([.. b.Zip(a, (y, x) => y - (x * Dot(a, b)))]);
            var turned = a.Zip(across, (x, y) => (similarity * x) + (Math.Sqrt(1 - (similarity * similarity)) * y)).ToArray();
            var embedded = Embed(head, [a, turned]);
            return Similarity.Exact(embedded[0], embedded[1]) >= Tau;
        });
        Assert.InRange(matching, match ? 19 : 0, match ? 20 : 1);
    }

    [Fact]
    public void Write_StartHeadOfAnotherOperatorSet_IsNotMixed()
    {
        var (learned, span) = Fit([.. Enumerable.Range(0, 600).Select(_ => Known())]);
        var model = ModelFile.Parse(Start.Head.Bytes.Span, "start");
        model.OpsetImport[0].Version++;
        var start = new StartHead(HeadFile.Load(Google.Protobuf.MessageExtensions.ToByteArray(model), "start"), StartThreshold);
        Assert.Null(GuardedHead.Write(learned, Tau, span, start, "guarded"));
    }

    [Theory]
    [InlineData(3, 100)]
    [InlineData(600, 6)]
    public void Of_TooFewPictures_TellsNothing(int fitted, int others)
    {
        using var scope = NewDisposeScope();
        Assert.Null(KnownSpan.Of(rand([fitted, F]), rand([others, F]), CancellationToken.None));
    }

    private static StartHead Start => new(HeadFile.Load(HeadBuilder.Identity(F), "start"), StartThreshold);

    // Few axes, little else.
    private double[] Known() => [.. Enumerable.Range(0, F).Select(k => 2 + (k < KnownAxes ? 1.5 * Noise() : .1 * Noise()))];

    // They share what tells them from the known ones, along known axes too, and differ along others.
    private double[] Other() =>
        [.. Enumerable.Range(0, F).Select(k => k < KnownAxes ? 5 + (.3 * Noise()) : k % 2 == 0 ? 3 * (1 + Noise()) : .5 * (1 + Noise()))];

    private double Noise() => (2 * _random.NextDouble()) - 1;

    private static (LinearHead Learned, KnownSpan Span) Fit(List<double[]> known)
    {
        using var scope = NewDisposeScope();
        var rows = tensor(known.SelectMany(r => r).ToArray(), [known.Count, F]);
        using var moments = FeatureMoments.Of(rows, squareRoot: false, null, null, CancellationToken.None);
        var half = known.Count / 2;
        var span = KnownSpan.Of(rows.narrow(0, 0, half), rows.narrow(0, half, half), CancellationToken.None);
        var pca = HeadStart.Pca(moments, squareRoot: false, KnownAxes);
        var projection = new float[F * D];
        for (var k = 0; k < F; k++)
        {
            pca.Projection.AsSpan(k * KnownAxes, KnownAxes).CopyTo(projection.AsSpan(k * D));
        }

        return (pca with { Projection = projection, Directions = null }, span!);
    }

    private static List<Half[]> Embed(HeadFile head, List<double[]> rows)
    {
        using var session = new HeadSession(head, new SessionSettings());
        var (embeddings, reasons) = (new Half[rows.Count * head.Spec.EmbeddingDim], new string?[rows.Count]);
        session.Embed(rows.SelectMany(r => r.Select(v => (Half)v)).ToArray(), rows.Count, embeddings, reasons);
        Assert.All(reasons, Assert.Null);
        return [.. embeddings.Chunk(head.Spec.EmbeddingDim)];
    }

    private static double Alike(List<Half[]> rows) => Enumerable.Range(0, rows.Count).SelectMany(
        i => Enumerable.Range(i + 1, rows.Count - i - 1).Select(j => Similarity.Exact(rows[i], rows[j]) >= Tau ? 1.0 : 0)).Average();

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double[] Unit(double[] row)
    {
        var length = Math.Sqrt(Dot(row, row));
        return [.. row.Select(v => v / length)];
    }
}
