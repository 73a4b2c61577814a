using CpfPipeline.Learning.Samplers;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Samplers;

public sealed class ClassSamplerTests
{
    private static readonly Gen<(int[] Labels, int Classes, int Pictures, int Seed)> Any =
        from sizes in Gen.Int[1, 7].Array[1, 12]
        from classes in Gen.Int[1, 14]
        from pictures in Gen.Int[1, 5]
        from seed in Gen.Int[0, 1_000_000]
        select (sizes.SelectMany((n, c) => Enumerable.Repeat(c, n)).ToArray(), classes, pictures, seed);

    [Fact]
    public void Next_Anything_HoldsKDifferentClassesWithMDifferentPictures() => Any.Sample(s =>
    {
        var sampler = new ClassSampler(s.Labels, s.Classes, s.Pictures, s.Seed);
        for (var i = 0; i < 30; i++)
        {
            var batch = sampler.Next();
            Assert.Equal(batch.Distinct(), batch);
            var classes = batch.GroupBy(p => s.Labels[p]).ToList();
            Assert.Equal(Math.Min(s.Classes, s.Labels.Max() + 1), classes.Count);
            Assert.All(classes, c => Assert.Equal(Math.Min(s.Pictures, s.Labels.Count(l => l == c.Key)), c.Count()));
        }
    }, iter: 200);

    [Fact]
    public void Next_AnyNumberOfTimes_DrawsClassesAndTheirPicturesEvenly() => Any.Sample(s =>
    {
        var sampler = new ClassSampler(s.Labels, s.Classes, s.Pictures, s.Seed);
        var (drawn, classes) = (new int[s.Labels.Length], new int[s.Labels.Max() + 1]);
        for (var i = 0; i < 40; i++)
        {
            var batch = sampler.Next();
            foreach (var picture in batch)
            {
                drawn[picture]++;
            }

            foreach (var c in batch.Select(p => s.Labels[p]).Distinct())
            {
                classes[c]++;
            }

            Assert.InRange(classes.Max() - classes.Min(), 0, 1);
            foreach (var c in Enumerable.Range(0, classes.Length))
            {
                var counts = drawn.Where((_, p) => s.Labels[p] == c).ToList();
                Assert.InRange(counts.Max() - counts.Min(), 0, 1);
            }
        }
    }, iter: 200);

    [Fact]
    public void Next_SameSeed_SameBatches() => Any.Sample(s =>
    {
        var (a, b) = (new ClassSampler(s.Labels, s.Classes, s.Pictures, s.Seed), new ClassSampler(s.Labels, s.Classes, s.Pictures, s.Seed));
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(a.Next(), b.Next());
        }
    }, iter: 50);

    [Fact]
    public void Next_AnotherSeed_OtherBatches()
    {
        int[] labels = [.. Enumerable.Range(0, 60).Select(i => i / 3)];
        Assert.NotEqual(new ClassSampler(labels, 8, 2, 1).Next(), new ClassSampler(labels, 8, 2, 2).Next());
    }

    [Fact]
    public void Next_AsOftenAsClassesNeed_AllClassesAreSeen() => Any.Sample(s =>
    {
        var sampler = new ClassSampler(s.Labels, s.Classes, s.Pictures, s.Seed);
        var (all, each) = (s.Labels.Max() + 1, Math.Min(s.Classes, s.Labels.Max() + 1));
        var seen = Enumerable.Range(0, (all + each - 1) / each).SelectMany(_ => sampler.Next()).Select(p => s.Labels[p]).Distinct();
        Assert.Equal(all, seen.Count());
    }, iter: 100);

    [Theory]
    [InlineData(4, 2, 10)]
    [InlineData(4, 100, 5)]
    [InlineData(2, 3, 14)]
    public void BatchesPerEpoch_Classes20Of4_IsThePicturesOverABatch(int k, int m, int expected) =>
        Assert.Equal(expected, new ClassSampler([.. Enumerable.Range(0, 80).Select(i => i / 4)], k, m, 1).BatchesPerEpoch);

    [Fact]
    public void Constructor_NoPictures_SaysSo() => Assert.Throws<ArgumentException>(() => new ClassSampler([], 2, 2, 1));
}
