using CpfPipeline.Learning.DefaultModels;
using CpfPipeline.Matching.Embeddings;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.DefaultModels;

public sealed class BundledThresholdTests
{
    private const int Dimension = 8;

    [Theory]
    [InlineData(.1, .5, 5)]
    [InlineData(.1, .9, 20)]
    [InlineData(.3, 1.1, 60)]
    public void Choose_AnyRows_IsTheNaiveChoice(double ofCopies, double ofPictures, double wrongPairs)
    {
        var rows = Rows(ofCopies, ofPictures);
        var naive = Naive(rows, wrongPairs);
        var choice = BundledThreshold.Choose(rows, wrongPairs);

        var at = (int)Math.Round((choice.Threshold + 1) * 1000);
        Assert.Equal(naive.Copies[at], choice.CopiesF1, 1e-9);
        Assert.Equal(naive.Keys[at], choice.KeysF1, 1e-9);
        var least = .95 * naive.Copies.Max();
        Assert.InRange(choice.CopiesF1, least - 1e-9, 1);
        Assert.Equal(Enumerable.Range(0, naive.Keys.Length).Where(i => naive.Copies[i] >= least).Max(i => naive.Keys[i]), choice.KeysF1, 1e-9);
    }

    [Fact]
    public void Choose_DrawingsWantALowThreshold_CopiesComeFirst()
    {
        // Pictures of one class are so different that finding them lets in many others.
        var rows = Rows(.1, 1.1);
        var naive = Naive(rows, 60);
        var wanted = Enumerable.Range(0, naive.Keys.Length).MaxBy(i => naive.Keys[i]);
        Assert.True(naive.Copies[wanted] < .9 * naive.Copies.Max(), "the data are made so that both wishes differ");
        var choice = BundledThreshold.Choose(rows, 60);
        Assert.True(choice.Threshold > (wanted / 1000.0) - 1);
        Assert.True(choice.CopiesF1 >= .95 * naive.Copies.Max() - 1e-9);
    }

    [Fact]
    public void Choose_MorePicturesToBeMistakenFor_DoesNotLowerTheThreshold()
    {
        var rows = Rows(.1, .9);
        Assert.True(BundledThreshold.Choose(rows, 1_000).Threshold > BundledThreshold.Choose(rows, 5).Threshold);
    }

    // Classes of three pictures, of which each has a copy.
    private static List<(Half[] Embedding, int Picture, int Class)> Rows(double ofCopies, double ofPictures)
    {
        var random = new Random(1);
        var rows = new List<(Half[], int, int)>();
        double[] Near(double[] centre, double spread) => Unit([.. centre.Select(v => v + (spread * ((2 * random.NextDouble()) - 1)))]);
        for (var c = 0; c < 20; c++)
        {
            var centre = Near(new double[Dimension], 1);
            for (var p = 0; p < 3; p++)
            {
                var picture = Near(centre, ofPictures);
                rows.Add((Halves(picture), (3 * c) + p, c));
                rows.Add((Halves(Near(picture, ofCopies)), (3 * c) + p, c));
            }
        }

        return rows;
    }

    // F1 of both kinds at -1, -0.999, ..., each averaged with fifteen on both sides.
    private static (double[] Copies, double[] Keys) Naive(List<(Half[] Embedding, int Picture, int Class)> rows, double wrongPairs)
    {
        var pairs = (
            from i in Enumerable.Range(0, rows.Count)
            from j in Enumerable.Range(i + 1, rows.Count - i - 1)
            let kind = rows[i].Picture == rows[j].Picture ? 'c' : rows[i].Class == rows[j].Class ? 'k' : 'w'
            select (Kind: kind, Step: (int)Math.Floor((Similarity.Exact(rows[i].Embedding, rows[j].Embedding) + 1) * 1000))).ToList();
        var weight = wrongPairs * rows.Count / pairs.Count(p => p.Kind == 'w');
        double[] Of(char kind)
        {
            var all = pairs.Count(p => p.Kind == kind);
            var raw = Enumerable.Range(0, 2010).Select(step =>
            {
                var (right, wrong) = (pairs.Count(p => p.Kind == kind && p.Step >= step), pairs.Count(p => p.Kind == 'w' && p.Step >= step));
                return 2.0 * right / (right + (weight * wrong) + all);
            }).ToArray();
            return [.. raw.Select((_, i) => raw[Math.Max(0, i - 15)..Math.Min(raw.Length, i + 16)].Average())];
        }

        return (Of('c'), Of('k'));
    }

    private static double[] Unit(double[] row)
    {
        var length = Math.Sqrt(row.Sum(v => v * v));
        return [.. row.Select(v => v / length)];
    }

    private static Half[] Halves(double[] row) => [.. row.Select(v => (Half)v)];
}
