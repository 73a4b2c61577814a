using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Grouping;
using CpfPipeline.Tests.Oracle;
using CpfPipeline.Tests.Unit.Contracts.Matching.Samples;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Matching.Grouping;

/// <summary>Earlier results save time and change nothing.</summary>
public sealed class ReplayTests
{
    [Fact]
    public void Cluster_EarlierResultOfOtherMembers_EqualsGreedyOracle() =>
        Gen.Select(Gen.OneOf(TestEmbeddings.Ties, TestEmbeddings.Clouds), Gen.Int).Sample((item, seed) =>
    {
        // Some are not there yet, some have another embedding, some verdicts are not given yet.
        var random = new Random(seed);
        var rows = item.Rows.Where(_ => random.Next(4) > 0).ToDictionary(
            row => row.Key, row => random.Next(8) > 0 ? row.Value : item.Rows.Values.ElementAt(random.Next(item.Rows.Count)));
        var before = item with
        {
            Rows = rows, Same = random.Next(3) > 0 ? item.Same : [], Tau = random.Next(6) > 0 ? item.Tau : item.Tau + .01,
        };
        if (rows.Count == 0)
        {
            return;
        }

        var (earlier, matrix) = (Cluster(before), item.Matrix(random));
        var expected = NaiveMatching.Partition(item.Rows, item.Tau, item.Same, item.Different);
        var result = Agglomeration.Cluster(matrix, item.Tau, item.Same, item.Different, earlier);
        Assert.Equal(expected.Groups.OrderBy(pair => pair.Key), result.Groups.OrderBy(pair => pair.Key));
        Assert.Equal(
            expected.Merges.Select(merge => (merge.Left, merge.Right)), result.Merges.Select(merge => (merge.Left, merge.Right)));
    }, iter: 250);

    [Fact]
    public void Cluster_ContentsComeAndGoAgainAndAgain_EqualsFromTheBeginning()
    {
        // Three groups of a few hundred: most of the earlier merges are repeated, and more chains than one grow.
        var all = TestEmbeddings.Random(1_000, 48, 3, .5, 5);
        var random = new Random(6);
        AgglomerationResult? earlier = null;
        IReadOnlyList<GroupCohesion> measured = [];
        for (var round = 0; round < 5; round++)
        {
            var members = Some(all, _ => random.Next(50) > 0);
            var fresh = Agglomeration.Cluster(members, .6, [], []);
            var result = Agglomeration.Cluster(members, .6, [], [], earlier);
            Assert.Equal(fresh.Merges, result.Merges);
            Assert.InRange(fresh.Groups.Values.GroupBy(group => group).Max(group => group.Count()), 256, 500);
            var known = earlier is null ? null : new EarlierCohesion(earlier, measured);
            measured = Cohesion.Measure(members, result, known);
            Assert.Equal(Cohesion.Measure(members, fresh), measured);
            earlier = result;
        }
    }

    [Fact]
    public void Measure_GroupHasGrownOrShrunk_EqualsPlainLoops()
    {
        var all = TestEmbeddings.Random(420, 33, 1, .1, 9);
        var group = Some(all, id => id < 400);
        var earlier = Agglomeration.Cluster(group, 0, [], []);
        var known = new EarlierCohesion(earlier, Cohesion.Measure(group, earlier));
        foreach (var members in new[] { all, group, Some(all, id => id is > 20 and < 400), Some(all, id => id > 20) })
        {
            int[] rows = [.. Enumerable.Range(0, members.Count)];
            Assert.Equal(Cohesion.Measure(members, rows), Cohesion.Measure(members, rows, earlier: known));
        }
    }

    [Fact]
    public void Cluster_OneHasCome_RepeatsMostMerges()
    {
        var all = TestEmbeddings.Random(600, 48, 60, .5, 5);
        var earlier = Agglomeration.Cluster(Some(all, id => id > 0), .6, [], []);
        var clusters = new ClusterTable(all, [.. Enumerable.Range(0, all.Count)]);
        var slots = Enumerable.Range(0, all.Count).ToDictionary(slot => all.ContentId(slot));
        var repeated = new Replay(clusters, slots, [.. slots.Values], slot => slot > 0)
            .Run(earlier.Merges, all.Count, CancellationToken.None);
        Assert.InRange(repeated.Count, earlier.Merges.Count * 3 / 4, earlier.Merges.Count);
    }

    private static EmbeddingMatrix Some(EmbeddingMatrix all, Func<long, bool> isIn)
    {
        var some = new EmbeddingMatrix(all.Dimension);
        for (var row = 0; row < all.Count; row++)
        {
            if (isIn(all.ContentId(row)))
            {
                some.Add(all.ContentId(row), all.Row(row));
            }
        }

        return some;
    }

    private static AgglomerationResult Cluster(MatchingCase item) =>
        Agglomeration.Cluster(item.Matrix(), item.Tau, item.Same, item.Different);
}
