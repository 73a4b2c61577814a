using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Grouping;
using CpfPipeline.Tests.Oracle;
using CpfPipeline.Tests.Unit.Contracts.Matching.Samples;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Matching.Grouping;

public sealed class CohesionTests
{
    [Fact]
    public void Measure_AnyGroups_EqualsPlainLoops() => Gen.OneOf(TestEmbeddings.Ties, TestEmbeddings.Clouds).Sample(item =>
    {
        var matrix = item.Matrix();
        var result = Agglomeration.Cluster(matrix, item.Tau, item.Same, item.Different);
        var cohesion = Cohesion.Measure(matrix, result);
        Assert.Equal(result.Groups.Values.Distinct().Order(), cohesion.Select(group => group.GroupId));
        foreach (var group in cohesion)
        {
            var ids = result.Groups.Where(pair => pair.Value == group.GroupId).Select(pair => pair.Key).Order().ToArray();
            var pairs = ids.SelectMany(a =>
                ids.Where(b => b != a).Select(b => (a, Similarity: NaiveMatching.Similarity(item.Rows[a], item.Rows[b])))).ToArray();
            Assert.Equal(ids.Length, group.Size);
            Assert.Equal(pairs.Length == 0 ? null : NaiveMatching.Quotient(pairs.Min(pair => pair.Similarity), 1), group.MinSimilarity);
            var sums = ids.ToDictionary(id => id, id =>
                pairs.Where(pair => pair.a == id).Aggregate(System.Numerics.BigInteger.Zero, (sum, pair) => sum + pair.Similarity));
            Assert.Equal(ids.First(id => sums[id] == sums.Values.Max()), group.Medoid);
            var heights = result.Merges.Where(merge => ids.Contains(merge.Left)).Select(merge => (double?)merge.Height).ToArray();
            Assert.Equal(ids.Length - 1, heights.Length);
            Assert.Equal(heights.Min(), group.WeakestMerge);
        }
    }, iter: 200);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Measure_LargeGroup_EqualsPlainLoops(int seed)
    {
        // A narrow cloud: many pairs are almost as far apart as the farthest two.
        var matrix = TestEmbeddings.Random(400, 33, 1, .1, seed);
        var expected = double.PositiveInfinity;
        for (var i = 0; i < matrix.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                expected = Math.Min(expected, Similarity.Exact(matrix.Row(i), matrix.Row(j)));
            }
        }

        Assert.Equal(expected, Cohesion.Measure(matrix, [.. Enumerable.Range(0, matrix.Count)]).MinSimilarity);
    }
}
