using CpfPipeline.Data.Ids;
using CpfPipeline.Data.Verdicts;
using CpfPipeline.Matcher.Review;
using CpfPipeline.Matcher.Verdicts;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Review;

public sealed class PairQueueTests(TestDatabases databases)
{
    private const int Contents = 70;
    private const double Threshold = 0.9;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 900)]
    [InlineData(2, 900)]
    [InlineData(3, 150)]
    public async Task ReadAsync_AnyPairs_AreWhatNaiveSortingOfAllGives(int seed, int count)
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: Contents, each: 1);
        var random = new Random(seed);
        var ids = world.Ids.Order().ToArray();
        await world.Database.ExecuteAsync("delete from cpf.matches");
        var listings = ids.ToDictionary(id => id, _ => new List<(string Source, string? Key, string Scope)> { ("s", null, "source") });
        foreach (var id in ids.Where(_ => random.Next(2) == 0))
        {
            var listing = (Source: $"seller{random.Next(2)}", Key: $"k{random.Next(3)}", Scope: random.Next(2) == 0 ? "global" : "source");
            listings[id].Add(listing);
            await world.Database.ExecuteAsync(
                """
                insert into cpf.images (image_id, source, external_id, uri, content_id, state, revision, product_key, key_scope)
                values ($1, $2, $3, 'x', $4, 'stored', 1, $5, $6)
                """, ImageId.From(listing.Source, $"{id}"), listing.Source, $"{id}", id, listing.Key, listing.Scope);
        }

        // Similarities of few values: many pairs lie equally near, one exactly at the threshold.
        var pairs = new HashSet<(int, int)>();
        while (pairs.Count < count)
        {
            var (x, y) = (random.Next(Contents), random.Next(Contents));
            if (x != y)
            {
                pairs.Add((Math.Min(x, y), Math.Max(x, y)));
            }
        }

        var kept = pairs.Select(p => new ReviewPair(ids[p.Item1], ids[p.Item2], Threshold + ((random.Next(121) - 60) / 400.0))).ToList();
        foreach (var pair in kept)
        {
            await world.Database.ExecuteAsync(
                "insert into cpf.matches values ($1, $2, $3, $4)", world.Catalogue.Model.HeadId, pair.ContentA, pair.ContentB,
                pair.Similarity);
        }

        var verdicts = new Dictionary<(long, long), Verdict>();
        for (var i = 0; i < 60; i++)
        {
            var pair = kept[random.Next(kept.Count)];
            var verdict = new Verdict(pair.ContentA, pair.ContentB, random.Next(3) == 0);
            if (VerdictContradiction.Find(verdicts.Values, verdict).Count == 0)
            {
                verdicts[(pair.ContentA, pair.ContentB)] = verdict;
                await world.Catalogue.JudgeAsync(pair.ContentA, pair.ContentB, verdict.Same);
            }
        }

        var unsure = kept.Where(_ => random.Next(20) == 0).ToHashSet();
        foreach (var pair in unsure)
        {
            await world.TakeAsync(pair.ContentA, pair.ContentB, "unsure");
        }

        var gone = ids[random.Next(Contents)];
        await world.Database.ExecuteAsync("delete from cpf.group_members where content_id = $1", gone);

        var queue = await world.Queue.ReadAsync(world.Catalogue.Model, "ann", Token);

        var open = kept.Where(p => !unsure.Contains(p) && p.ContentA != gone && p.ContentB != gone && !Follows(verdicts.Values, p))
            .ToList();
        var inSight = open.OrderBy(p => Math.Abs(p.Similarity - Threshold)).ThenBy(p => p.ContentA).ThenBy(p => p.ContentB).Take(200);
        var expected = inSight.OrderBy(p => Math.Floor(Math.Abs(p.Similarity - Threshold) / 0.02))
            .ThenBy(p => Rank(listings[p.ContentA], listings[p.ContentB])).ThenBy(p => Math.Abs(p.Similarity - Threshold))
            .ThenBy(p => p.ContentA).ThenBy(p => p.ContentB);
        Assert.Equal(expected, queue);
        Assert.Equal(count > 200, queue.Count == 200);

        // Another reviewer is asked what this one could not tell.
        var other = await world.Queue.ReadAsync(world.Catalogue.Model, "bob", Token);
        Assert.True(count > 200 || other.Count > queue.Count);
    }

    [Fact]
    public async Task ReadAsync_ManyPairs_ReadsTheIndexOutwardAndSortsNone()
    {
        await using var world = await ReviewWorld.CreateAsync(databases, products: 2, each: 1);
        var head = world.Catalogue.Model.HeadId;
        await world.Database.ExecuteAsync(
            """
            insert into cpf.matches select $1, i, i + 1 + (i % 7), (i % 9973) / 10000.0 from generate_series(1, 50000) as i
            """, head);
        await world.Database.ExecuteAsync(
            """
            insert into cpf.group_members (model_id, content_id, group_id, component_id)
            select $1, i, i, i from generate_series(1, 50010) as i
            """,
            world.Catalogue.Model.ModelId);
        await world.Database.ExecuteAsync("analyze cpf.matches; analyze cpf.group_members");

        foreach (var above in (bool[])[true, false])
        {
            var plan = string.Join('\n', (await world.Database.QueryAsync(
                "explain " + QueueSide.TextOf(above), head, Threshold, -1L, -1L, "ann", world.Catalogue.Model.ModelId, 128))
                .Select(r => (string)r[0]!));
            Assert.Contains("matches_similarity", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("Seq Scan on matches", plan, StringComparison.Ordinal);
            Assert.DoesNotMatch(@"->\s+Sort", plan);
        }

        Assert.Equal(200, (await world.Queue.ReadAsync(world.Catalogue.Model, "ann", Token)).Count);
    }

    // By going over the verdicts until nothing new follows.
    private static bool Follows(IReadOnlyCollection<Verdict> verdicts, ReviewPair pair)
    {
        var (a, b) = (Closure(verdicts, pair.ContentA), Closure(verdicts, pair.ContentB));
        return a.Contains(pair.ContentB)
            || verdicts.Any(v => !v.Same && ((a.Contains(v.ContentA) && b.Contains(v.ContentB))
                || (a.Contains(v.ContentB) && b.Contains(v.ContentA))));
    }

    private static HashSet<long> Closure(IReadOnlyCollection<Verdict> verdicts, long id)
    {
        var closure = new HashSet<long> { id };
        while (verdicts.Where(v => v.Same && closure.Contains(v.ContentA) != closure.Contains(v.ContentB)).ToList() is { Count: > 0 } more)
        {
            closure.UnionWith(more.SelectMany(v => new[] { v.ContentA, v.ContentB }));
        }

        return closure;
    }

    private static int Rank(
        List<(string Source, string? Key, string Scope)> a, List<(string Source, string? Key, string Scope)> b)
    {
        var (differs, shares, across) = (false, false, false);
        foreach (var x in a)
        {
            foreach (var y in b)
            {
                across |= x.Source != y.Source;
                if (x.Key is not null && y.Key is not null && x.Scope == y.Scope && (x.Scope == "global" || x.Source == y.Source))
                {
                    differs |= x.Key != y.Key;
                    shares |= x.Key == y.Key;
                }
            }
        }

        return differs && !shares ? 0 : across ? 1 : 2;
    }
}
