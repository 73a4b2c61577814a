using CpfPipeline.Learning.Samplers;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Samplers;

public sealed class BalancedSamplerTests
{
    // 30 classes of 2 in set 0, 4 classes of 20 in set 1, mixed.
    private static readonly (int Label, int Group)[] Pictures =
        [.. Enumerable.Range(0, 60).Select(i => (i / 2, 0)).Concat(Enumerable.Range(0, 80).Select(i => (30 + (i / 20), 1))).OrderBy(p => p.Item1 * 37 % 41)];

    [Fact]
    public void Next_TwoSets_AsManyClassesOfEach()
    {
        var sampler = Sampler(8, 3);
        for (var i = 0; i < 20; i++)
        {
            var classes = sampler.Next().GroupBy(p => Pictures[p]).ToList();
            Assert.Equal(4, classes.Count(c => c.Key.Group == 0));
            Assert.Equal(4, classes.Count(c => c.Key.Group == 1));
            Assert.All(classes, c => Assert.Equal(c.Key.Group == 0 ? 2 : 3, c.Count()));
        }
    }

    [Fact]
    public void Next_FewerClassesThanSetsNeed_TwoOfEach() => Assert.Equal(4, Sampler(2, 2).Next().Select(p => Pictures[p].Label).Distinct().Count());

    [Fact]
    public void Next_SameSeed_SameBatches()
    {
        var (a, b) = (Sampler(8, 3), Sampler(8, 3));
        Assert.All(Enumerable.Range(0, 20), _ => Assert.Equal(a.Next(), b.Next()));
    }

    [Fact]
    public void Next_OneSet_IsThePlainSampler()
    {
        int[] labels = [.. Pictures.Select(p => p.Label)];
        var (balanced, plain) = (new BalancedSampler(labels, null, 8, 2, 5), new ClassSampler(labels, 8, 2, 5));
        Assert.Equal(plain.BatchesPerEpoch, balanced.BatchesPerEpoch);
        Assert.All(Enumerable.Range(0, 20), _ => Assert.Equal(plain.Next(), balanced.Next()));
    }

    [Fact]
    public void BatchesPerEpoch_TwoSets_TheLargestDecides() => Assert.Equal(8, Sampler(8, 3).BatchesPerEpoch);

    private static BalancedSampler Sampler(int k, int m) => new([.. Pictures.Select(p => p.Label)], [.. Pictures.Select(p => p.Group)], k, m, 5);
}
