using CpfPipeline.Data.Verdicts;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Handover;
using CpfPipeline.Matcher.Search;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Grouping;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Handover;

public sealed class WholeJoinTests
{
    private const double Threshold = 0.75;
    private static readonly double[] Coordinates = [-0.5, 0, 0.25, 0.5, 0.75];

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(40)]
    [InlineData(1_000)]
    public void Run_RowsInChunks_FindsEveryEdgeAndThePairsToKeep(int chunkRows)
    {
        var (contents, verdicts) = (Rows(seed: 5, count: 40), Verdicts());
        var options = new MatcherOptions { PairsKept = 4, NearestKept = 3, NearestFloorBelowThreshold = 0.25 };
        var join = new WholeJoin(contents, Threshold, verdicts, options, maxThreads: 1, chunkRows);
        var pairs = new HashSet<MatchRow>();
        for (var first = 0; first < contents.Count; first += join.ChunkRows)
        {
            pairs.UnionWith(join.Run(first, CancellationToken.None));
        }

        var components = join.Finish();

        var (expectedPairs, expected) = (new HashSet<MatchRow>(), new ConnectedComponents(contents.ContentIds));
        for (var a = 0; a < contents.Count; a++)
        {
            var near = Enumerable.Range(0, contents.Count)
                .Where(b => b != a).Select(b => (Id: contents.ContentId(b), Similarity: Similarity.Exact(contents.Row(a), contents.Row(b))))
                .OrderByDescending(n => n.Similarity).ThenBy(n => n.Id).ToArray();
            foreach (var (id, similarity) in near.Where(n => n.Similarity >= Threshold)
                .Take(4).Concat(near.Where(n => n.Similarity >= Threshold - 0.25).Take(3)))
            {
                expectedPairs.Add(new MatchRow(Math.Min(id, contents.ContentId(a)), Math.Max(id, contents.ContentId(a)), similarity));
            }

            for (var b = 0; b < a; b++)
            {
                var (x, y) = (contents.ContentId(a), contents.ContentId(b));
                if (verdicts.Same.Contains((Math.Min(x, y), Math.Max(x, y)))
                    || (Similarity.Exact(contents.Row(a), contents.Row(b)) >= Threshold && !verdicts.AreDifferent(x, y)))
                {
                    expected.Union(a, b);
                }
            }
        }

        Assert.Equal(
            expectedPairs.OrderBy(p => p.ContentA).ThenBy(p => p.ContentB), pairs.OrderBy(p => p.ContentA).ThenBy(p => p.ContentB));
        Assert.Equal(
            Enumerable.Range(0, contents.Count).Select(expected.ComponentId),
            Enumerable.Range(0, contents.Count).Select(components.ComponentId));
        Assert.InRange(expected.Components().Count, 2, 39);
    }

    [Fact]
    public void Compute_VerdictsWithinAndAcrossComponents_IsTheGroupingOfTheWholeSet()
    {
        var (contents, verdicts) = (Rows(seed: 6, count: 60), Verdicts());
        var join = new WholeJoin(contents, Threshold, verdicts, new MatcherOptions(), maxThreads: 1);
        join.Run(0, CancellationToken.None);
        var shares = new List<double>();

        var groups = ComponentGrouping.Compute(
            contents, join.Finish(), Threshold, verdicts, maxThreads: 2, shares.Add, CancellationToken.None);

        var whole = Agglomeration.Cluster(contents, Threshold, verdicts.Same, verdicts.Different);
        Assert.Equal(whole.Groups.OrderBy(g => g.Key), groups.Members.ToDictionary(m => m.ContentId, m => m.GroupId).OrderBy(g => g.Key));
        Assert.Equal(
            whole.Merges.Select(m => (m.Left, m.Right, m.Height)).Order(), groups.Merges.Select(m => (m.Left, m.Right, m.Height)).Order());
        Assert.Equal(1, shares[^1]);
    }

    [Fact]
    public void Compute_Cancelled_Stops()
    {
        var contents = Rows(seed: 7, count: 60);
        var join = new WholeJoin(contents, Threshold, VerdictSet.Empty, new MatcherOptions(), maxThreads: 1);
        join.Run(0, CancellationToken.None);

        Assert.ThrowsAny<OperationCanceledException>(() => ComponentGrouping.Compute(
            contents, join.Finish(), Threshold, VerdictSet.Empty, maxThreads: 1, _ => { }, new CancellationToken(canceled: true)));
    }

    private static VerdictSet Verdicts() => new(
    [
        new Verdict(3, 20, true), new Verdict(20, 31, true), new Verdict(1, 2, false), new Verdict(4, 11, false),
        new Verdict(5, 9_999, true), new Verdict(7, 8, false),
    ]);

    private static EmbeddingMatrix Rows(int seed, int count)
    {
        var random = new Random(seed);
        var rows = new EmbeddingMatrix(4);
        foreach (var id in Enumerable.Range(1, count).OrderBy(_ => random.Next()))
        {
            rows.Add(id, Enumerable.Range(0, 4).Select(_ => (Half)Coordinates[random.Next(Coordinates.Length)]).ToArray());
        }

        return rows;
    }
}
