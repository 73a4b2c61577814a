using CpfPipeline.Matcher;
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
        const double tau = 0.5;
        var random = new Random(seed);
        double[] coordinates = [-0.25, 0, 0.25, 0.5, 0.75];
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 4, tau);
        var contents = Enumerable.Range(0, 30).ToDictionary(
            _ => random.NextInt64(0, long.MaxValue),
            _ => Enumerable.Range(0, 4).Select(_ => (Half)coordinates[random.Next(coordinates.Length)]).ToArray());
        long[] ids = [.. contents.Keys];
        await catalogue.EmbedAsync([.. contents.Select(c => (c.Key, c.Value))]);
        await catalogue.ShowAsync(ids);
        var verdicts = new Dictionary<(long A, long B), bool>();
        for (var i = random.Next(10); i > 0; i--)
        {
            var pair = (A: ids[random.Next(15)], B: ids[15 + random.Next(15)]);
            verdicts[(Math.Min(pair.A, pair.B), Math.Max(pair.A, pair.B))] = random.Next(2) == 0;
        }

        foreach (var ((a, b), same) in verdicts)
        {
            await catalogue.JudgeAsync(a, b, same);
        }

        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Repair.RunAsync(expected: true, Token);
        var expected = catalogue.Expected();
        double SimilarityOf(long a, long b) => Similarity.Exact(contents[a], contents[b]);
        bool? VerdictOn(long a, long b) => verdicts.TryGetValue((Math.Min(a, b), Math.Max(a, b)), out var same) ? same : null;
        bool Edge(long a, long b) => VerdictOn(a, b) ?? SimilarityOf(a, b) >= tau;
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
