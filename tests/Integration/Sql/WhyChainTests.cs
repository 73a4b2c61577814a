using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using CsCheck;
using Xunit;
using static CpfPipeline.Tests.Integration.Sql.WhyRows;

namespace CpfPipeline.Tests.Integration.Sql;

/// <summary>The chain that <c>cpf.why</c> gives, against a plain search over all.</summary>
public sealed class WhyChainTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Why_RandomPairsAndVerdicts_FindsAShortestWidestChainAndTheMerge() =>
        await Gen.Int[0, int.MaxValue].SampleAsync(RunAsync, iter: 8, threads: 1);

    private async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        await using var world = await JudgedCatalogue.CreateAsync(
            databases, random, 30, 9, ids => (ids[random.Next(15)], ids[15 + random.Next(15)]));
        var (database, contents, verdicts) = (world.Database, world.Contents, world.Verdicts);
        long[] ids = [.. contents.Keys];
        var expected = world.By(JudgedCatalogue.Threshold);
        double SimilarityOf(long a, long b) => Similarity.Exact(contents[a], contents[b]);
        bool? VerdictOn(long a, long b) => verdicts.TryGetValue((Math.Min(a, b), Math.Max(a, b)), out var same) ? same : null;
        bool Edge(long a, long b) => VerdictOn(a, b) ?? SimilarityOf(a, b) >= JudgedCatalogue.Threshold;
        double Width(long a, long b) => VerdictOn(a, b) == true ? double.PositiveInfinity : SimilarityOf(a, b);
        for (var i = 0; i < 40; i++)
        {
            var (a, b) = (ids[random.Next(ids.Length)], ids[random.Next(ids.Length)]);
            if (a == b)
            {
                continue;
            }

            var rows = await WhyAsync(database, $"{a}", $"{b}");

            var together = expected.Groups[a] == expected.Groups[b];
            Assert.Equal(together, (bool)rows[0]["same_group"]!);
            Assert.Equal(SimilarityOf(a, b), (double)rows[0]["similarity"]!);
            var members = ids.Where(id =>
                together ? expected.Groups[id] == expected.Groups[a] : expected.Components[id] == expected.Components[a]).ToArray();
            var (length, width) = ShortestWidest(members, a, b, Edge, Width);
            Assert.Equal(length, rows.Count - 1);
            if (length > 0)
            {
                AssertConnects(rows, a, b);
                Assert.All(rows.Skip(1), r => Assert.True(Edge((long)r["content_a"]!, (long)r["content_b"]!)));
                Assert.Equal(width, rows.Skip(1).Min(r => Width((long)r["content_a"]!, (long)r["content_b"]!)));
            }

            if (together)
            {
                // Replay the merges until the two are in one cluster.
                var cluster = ids.ToDictionary(id => id, id => id);
                var merge = expected.Merges.First(m =>
                {
                    foreach (var id in ids.Where(id => cluster[id] == m.Right))
                    {
                        cluster[id] = m.Left;
                    }

                    return cluster[a] == cluster[b];
                });
                Assert.Equal((merge.Left, merge.Right), ((long)rows[0]["merge_left"]!, (long)rows[0]["merge_right"]!));
                Assert.NotNull(rows[0]["since"]);
            }
            else if (expected.Components[a] == expected.Components[b])
            {
                var (left, right) = (ids.Where(id => expected.Groups[id] == expected.Groups[a])
                    .ToArray(), ids.Where(id => expected.Groups[id] == expected.Groups[b]).ToArray());
                Assert.Equal(left.Average(x => right.Average(y => SimilarityOf(x, y))), (double)rows[0]["mean_similarity"]!, 1e-12);
                Assert.Contains(
                    (string)rows[0]["reason"]!, (string[])["average_linkage", "different_verdict", "different_verdict_between_groups"]);
            }
            else
            {
                Assert.Contains((string)rows[0]["reason"]!, (string[])["below_threshold", "different_verdict"]);
            }
        }
    }

    private static (int Length, double Width) ShortestWidest(
        long[] members, long a, long b, Func<long, long, bool> edge, Func<long, long, double> width)
    {
        var widths = new Dictionary<long, double> { [a] = double.PositiveInfinity };
        var layer = new Dictionary<long, double>(widths);
        for (var length = 0; layer.Count > 0; length++)
        {
            if (layer.TryGetValue(b, out var found))
            {
                return (length, found);
            }

            var next = new Dictionary<long, double>();
            foreach (var to in members.Where(m => !widths.ContainsKey(m)))
            {
                foreach (var (from, sofar) in layer.Where(f => edge(f.Key, to)))
                {
                    next[to] = Math.Max(next.GetValueOrDefault(to, double.NegativeInfinity), Math.Min(sofar, width(from, to)));
                }
            }

            foreach (var (id, value) in next)
            {
                widths[id] = value;
            }

            layer = next;
        }

        return (0, 0);
    }
}
