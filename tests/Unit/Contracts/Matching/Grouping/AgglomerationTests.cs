using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Grouping;
using CpfPipeline.Tests.Oracle;
using CpfPipeline.Tests.Unit.Contracts.Matching.Samples;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Matching.Grouping;

public sealed class AgglomerationTests
{
    [Fact]
    public void Cluster_ManyTies_EqualsGreedyOracle() => TestEmbeddings.Ties.Sample(EqualsOracle, iter: 600);

    [Fact]
    public void Cluster_Clouds_EqualsGreedyOracle() => TestEmbeddings.Clouds.Sample(EqualsOracle, iter: 120);

    [Fact]
    public void Cluster_AnyOrderOfRowsAndVerdicts_SameResult() => Gen.Select(TestEmbeddings.Ties, Gen.Int).Sample((item, seed) =>
    {
        var random = new Random(seed);
        var first = Cluster(item);
        random.Shuffle(item.Same);
        random.Shuffle(item.Different);
        var flipped = item with { Same = [.. item.Same.Select(pair => (pair.B, pair.A))],
            Different = [.. item.Different, .. item.Different] };
        var second = Cluster(flipped, random);
        Assert.Equal(first.Merges, second.Merges);
        Assert.Equal(first.Groups.OrderBy(pair => pair.Key), second.Groups.OrderBy(pair => pair.Key));
    }, iter: 600);

    [Fact]
    public void Cluster_ComponentByComponent_SameGroups() => TestEmbeddings.Clouds.Sample(item =>
    {
        var whole = Cluster(item);
        var components = NaiveMatching.Partition(item.Rows, item.Tau, item.Same, item.Different).Components;
        foreach (var component in components.GroupBy(pair => pair.Value))
        {
            var part = item with { Rows = component.ToDictionary(pair => pair.Key, pair => item.Rows[pair.Key]) };
            Assert.All(Cluster(part).Groups, pair => Assert.Equal(whole.Groups[pair.Key], pair.Value));
        }
    }, iter: 120);

    [Fact]
    public void Cluster_ChainOfThree_DoesNotGlueTheEnds()
    {
        // 0, 40 and 80 degrees: neighbours at .77, ends at .17, mean of an end with the other two .47.
        var result = Cluster(Angles(.7, 0, 40, 80));
        Assert.Equal([0, 0, 2], result.Groups.OrderBy(pair => pair.Key).Select(pair => pair.Value));
    }

    [Fact]
    public void Cluster_MeanExactlyTau_Merges()
    {
        Half[] a = [(Half).5f, (Half).5f], b = [(Half).5f, (Half)0f];
        var rows = new Dictionary<long, Half[]> { [3] = a, [8] = b };
        Assert.Equal(3, Cluster(new MatchingCase(rows, .25, [], [])).Groups[8]);
        Assert.Equal(8, Cluster(new MatchingCase(rows, Math.BitIncrement(.25), [], [])).Groups[8]);
    }

    [Fact]
    public void Cluster_MeanOfThirdsNextToTau_DecidedExactly()
    {
        // Cross mean of {a, b, c} with d is 1/3 (4/3 units over 4 ...): no double equals it, the two doubles around it must decide
        // differently.
        var rows = new Dictionary<long, Half[]>
        {
            [1] = [(Half)1f, (Half)1f],
            [2] = [(Half)1f, (Half)0f],
            [3] = [(Half)1f, (Half)0f],
            [4] = [(Half)0f, (Half)1f],
        };
        (long, long)[] same = [(1, 2), (2, 3)];
        var below = 1.0 / 3;
        Assert.True((decimal)below * 3 <= 1);
        Assert.Equal(1, Cluster(new MatchingCase(rows, below, same, [])).Groups[4]);
        Assert.Equal(4, Cluster(new MatchingCase(rows, Math.BitIncrement(below), same, [])).Groups[4]);
    }

    [Fact]
    public void Cluster_SameAndDifferentInOneClosure_SameWins()
    {
        var item = Angles(.9, 0, 90, 180) with { Same = [(0, 1), (1, 2)], Different = [(0, 2)] };
        Assert.All(Cluster(item).Groups.Values, group => Assert.Equal(0, group));
        Assert.Equal([(0L, 1L), (0L, 2L)], Cluster(item).Merges.Select(merge => (merge.Left, merge.Right)));
    }

    [Fact]
    public void Cluster_DifferentAcrossClosures_KeepsThemApart()
    {
        var item = Angles(.5, 0, 1, 2, 3) with { Same = [(0, 1), (2, 3)], Different = [(1, 3)] };
        Assert.Equal([0, 0, 2, 2], Cluster(item).Groups.OrderBy(pair => pair.Key).Select(pair => pair.Value));
    }

    [Fact]
    public void Cluster_Nothing_Empty()
    {
        var result = Agglomeration.Cluster(new EmbeddingMatrix(4), .5, [], []);
        Assert.Empty(result.Groups);
        Assert.Empty(result.Merges);
    }

    [Fact]
    public void Cluster_ContentTwice_Throws()
    {
        var matrix = new EmbeddingMatrix(1);
        matrix.Add(5, [(Half)1f]);
        matrix.Add(5, [(Half)1f]);
        Assert.Contains(
            "5", Assert.Throws<ArgumentException>(() => Agglomeration.Cluster(matrix, .5, [], [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cluster_Cancelled_Throws()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            Agglomeration.Cluster(TestEmbeddings.Random(50, 8, 3, .3, 1), .5, [], [], cancellationToken: source.Token));
    }

    [Fact]
    public void Cluster_ManyMembersOnSeveralThreads_EqualsOneThreadAndHeightsFall()
    {
        var matrix = TestEmbeddings.Random(900, 48, 30, .5, 11);
        var several = Agglomeration.Cluster(matrix, .55, [], [], maxThreads: 3);
        var one = Agglomeration.Cluster(matrix, .55, [], [], maxThreads: 1);
        Assert.Equal(one.Merges, several.Merges);
        Assert.InRange(one.Groups.Values.Distinct().Count(), 2, 800);
        Assert.All(one.Merges.Zip(one.Merges.Skip(1)), pair => Assert.True(pair.First.Height >= pair.Second.Height));
    }

    [Theory]
    [InlineData(40, .5)] // Each content twenty times: more of them are equally near than a list holds.
    [InlineData(900, .25)]
    [InlineData(900, .4)]
    public void Cluster_ManyTiesAmongMany_ManyChainsEqualOne(int different, double tau)
    {
        var random = new Random(different);
        float[] coarse = [-.25f, 0, 0, .25f, .5f];
        var kinds = Enumerable.Range(0, different)
            .Select(_ => Enumerable.Range(0, 6).Select(_ => (Half)coarse[random.Next(coarse.Length)]).ToArray()).ToArray();
        var rows = Enumerable.Range(0, 900).ToDictionary(_ => random.NextInt64(), _ => kinds[random.Next(different)]);
        var ids = rows.Keys.ToArray();
        (long, long)[] Pairs(int count) =>
            [.. Enumerable.Range(0, count).Select(_ => (ids[random.Next(ids.Length)], ids[random.Next(ids.Length)]))];
        var item = new MatchingCase(rows, tau, Pairs(5), Pairs(60));
        var one = Cluster(item, null, new() { SeedFrom = int.MaxValue, ActivePerChain = int.MaxValue });
        foreach (var threads in new[] { 1, 3 })
        {
            var many = Agglomeration.Cluster(
                item.Matrix(random), tau, item.Same, item.Different, null, null, threads, new() { ActivePerChain = 4 },
                CancellationToken.None);
            Assert.Equal(one.Merges, many.Merges);
        }

        Assert.InRange(one.Merges.Count, 300, 899);
    }

    private static MatchingCase Angles(double tau, params double[] degrees) => new(
        degrees.Select((angle, id) => (angle, id)).ToDictionary(
            item => (long)item.id,
            item => new[] { (Half)Math.Cos(item.angle * Math.PI / 180), (Half)Math.Sin(item.angle * Math.PI / 180) }),
        tau, [], []);

    private static AgglomerationResult Cluster(MatchingCase item, Random? order = null) =>
        Agglomeration.Cluster(item.Matrix(order), item.Tau, item.Same, item.Different);

    private static void EqualsOracle(MatchingCase item)
    {
        var expected = NaiveMatching.Partition(item.Rows, item.Tau, item.Same, item.Different);
        CheckEqual(expected, Cluster(item));

        // Lists of two candidates, seeded, many chains at once: the ways that larger sets go.
        foreach (var (seedFrom, activePerChain) in new[] { (0, 1), (int.MaxValue, 1), (int.MaxValue, 5), (0, int.MaxValue) })
        {
            CheckEqual(expected, Cluster(item, null, new() { ListLength = 2, SeedFrom = seedFrom, ActivePerChain = activePerChain }));
        }
    }

    private static AgglomerationResult Cluster(MatchingCase item, AgglomerationResult? earlier, AgglomerationSettings settings) =>
        Agglomeration.Cluster(item.Matrix(), item.Tau, item.Same, item.Different, earlier, null, 1, settings, CancellationToken.None);

    private static void CheckEqual(NaivePartition expected, AgglomerationResult actual)
    {
        Assert.Equal(expected.Groups.OrderBy(pair => pair.Key), actual.Groups.OrderBy(pair => pair.Key));
        Assert.Equal(expected.Merges.Select(merge => (merge.Left, merge.Right)), actual.Merges.Select(merge => (merge.Left, merge.Right)));
        Assert.All(expected.Merges.Zip(actual.Merges), pair => Assert.Equal(pair.First.Height, pair.Second.Height, 1e-12));
    }
}
