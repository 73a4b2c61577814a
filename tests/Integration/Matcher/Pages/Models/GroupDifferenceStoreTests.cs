using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Pages.Models;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Pages.Models;

public sealed class GroupDifferenceStoreTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_AnyTwoPartitions_FindsEachDifferenceOnceOverItsPages()
    {
        await using var database = await databases.CreateAsync(Token);
        var (before, after) = await ModelsAsync(database);
        await Gen.Int[0, int.MaxValue].SampleAsync(seed => RunAsync(database, before, after, seed), iter: 40, threads: 1);
    }

    [Fact]
    public async Task Read_ALargeDifference_IsCutAndTold()
    {
        await using var database = await databases.CreateAsync(Token);
        var (before, after) = await ModelsAsync(database);
        var all = Enumerable.Range(0, GroupDifferenceStore.MaxContents + 500).Select(i => (long)i).ToList();
        await WriteAsync(database, before, all.ToDictionary(c => c, _ => 0L));
        await WriteAsync(database, after, all.ToDictionary(c => c, c => c / 2 * 2));

        var found = await new GroupDifferenceStore(database.DataSource).ReadAsync(before, after, -1, 20, Token);

        var difference = Assert.Single(found.Differences);
        Assert.True(difference.IsCut);
        Assert.Equal((GroupDifferenceKind.Splits, 0L), (difference.Kind, difference.GroupId));
    }

    [Fact]
    public async Task Read_ManyUnchangedGroups_LooksAtABoundedNumberAPage()
    {
        await using var database = await databases.CreateAsync(Token);
        var (before, after) = await ModelsAsync(database);
        var pairs = Enumerable.Range(0, 2 * (GroupDifferenceStore.MaxLooked + 10)).ToDictionary(i => (long)i, i => (long)(i / 2 * 2));
        await WriteAsync(database, before, pairs);
        pairs[pairs.Keys.Max()] = pairs.Keys.Max(); // The last pair falls apart.
        await WriteAsync(database, after, pairs);
        var store = new GroupDifferenceStore(database.DataSource);

        var first = await store.ReadAsync(before, after, -1, 20, Token);
        Assert.Empty(first.Differences);
        Assert.Equal(GroupDifferenceStore.MaxLooked, first.Looked);
        var second = await store.ReadAsync(before, after, first.Next!.Value, 20, Token);

        Assert.Equal((GroupDifferenceKind.Vanishes, 2), (Assert.Single(second.Differences).Kind, second.Differences[0].AfterCount));
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task Read_AGiantThatFellIntoManyParts_IsFollowedOnceAPage()
    {
        await using var database = await databases.CreateAsync(Token);
        var (before, after) = await ModelsAsync(database);
        var all = Enumerable.Range(0, 2 * (GroupDifferenceStore.MaxFollowed + 100)).Select(i => (long)i).ToList();
        await WriteAsync(database, before, all.ToDictionary(c => c, _ => 0L));
        await WriteAsync(database, after, all.ToDictionary(c => c, c => c / 2 * 2));

        var found = await new GroupDifferenceStore(database.DataSource).ReadAsync(before, after, -1, 20, Token);

        Assert.Equal((GroupDifferenceKind.Splits, all.Count / 2), (Assert.Single(found.Differences).Kind, found.Differences[0].AfterCount));
        Assert.Null(found.Next);
        Assert.False(found.IsShort);
    }

    [Fact]
    public async Task Read_ManyGroupsThatBelongToEarlierOnes_EndsThePageEarlyAndGoesOn()
    {
        await using var database = await databases.CreateAsync(Token);
        var (before, after) = await ModelsAsync(database);
        var count = GroupDifferenceStore.MaxFollowed + 50;

        // Pairs of small names, and as many of large names, which join them one to one.
        var old = Enumerable.Range(0, 4 * count).ToDictionary(i => (long)i, i => (long)(i / 2 * 2));
        await WriteAsync(database, before, old);
        await WriteAsync(database, after, old.ToDictionary(c => c.Key, c => c.Value % (2 * count)));
        var store = new GroupDifferenceStore(database.DataSource);

        // Behind the small names: each group there belongs to a difference that an earlier page has shown.
        var page = await store.ReadAsync(before, after, (2 * count) - 1, 20, Token);
        Assert.Empty(page.Differences);
        Assert.True(page.IsShort);
        Assert.Equal(GroupDifferenceStore.MaxFollowed, page.Looked);
        var rest = await store.ReadAsync(before, after, page.Next!.Value, 20, Token);
        Assert.Empty(rest.Differences);
        Assert.Null(rest.Next);
    }

    private static async Task RunAsync(TestDatabase database, long before, long after, int seed)
    {
        var random = new Random(seed);
        var contents = Enumerable.Range(0, 30).Select(_ => random.NextInt64(0, long.MaxValue)).Distinct().ToList();
        var (old, young) = (Partition(random, contents), Partition(random, contents));
        foreach (var content in contents.Where(_ => random.Next(2) == 0))
        {
            // Half of it keeps its group, so that some groups are the same.
            if (old.TryGetValue(content, out var group))
            {
                young[content] = group;
            }
        }

        (old, young) = (Named(old), Named(young));
        await WriteAsync(database, before, old);
        await WriteAsync(database, after, young);

        var found = new List<GroupDifference>();
        var store = new GroupDifferenceStore(database.DataSource);
        for (long? place = -1; place is { } at;)
        {
            var page = await store.ReadAsync(before, after, at, 3, Token);
            Assert.InRange(page.Differences.Count, 0, 3);
            found.AddRange(page.Differences);
            place = page.Next;
        }

        Assert.Equal(
            Naive(old, young).OrderBy(c => c.Key).Select(c => (c.Key, c.Kind, c.Before, c.After)),
            found.Select(c => (c.GroupId, c.Kind, Sizes(c.Before), Sizes(c.After))));

        static string Sizes(IReadOnlyList<GroupPart> parts) => string.Join(' ', parts.Select(p => $"{p.GroupId}:{p.Size}"));
    }

    // Sets of pictures that hang together over groups of either side, unless they are one and the same group on both.
    private static IEnumerable<(long Key, GroupDifferenceKind Kind, string Before, string After)> Naive(
        Dictionary<long, long> before, Dictionary<long, long> after)
    {
        var common = before.Keys.Intersect(after.Keys).ToList();
        var left = common.ToHashSet();
        while (left.Count > 0)
        {
            var part = new HashSet<long> { left.Min() };
            while (common.Where(c => !part.Contains(c) && part.Any(p => before[p] == before[c] || after[p] == after[c])).ToList()
                is { Count: > 0 } more)
            {
                part.UnionWith(more);
            }

            left.ExceptWith(part);
            var (old, young) = (Sides(before), Sides(after));
            if (old.Count == 1 && young.Count == 1)
            {
                continue;
            }

            var names = part.SelectMany(c => new[] { (Group: before[c], Of: before), (Group: after[c], Of: after) })
                .Where(g => g.Of.Values.Count(v => v == g.Group) > 1).Select(g => g.Group);
            var kind = young.Count == 1 ? old.All(o => o.Size == 1) ? GroupDifferenceKind.Appears : GroupDifferenceKind.Merges
                : old.Count == 1 ? young.All(y => y.Size == 1) ? GroupDifferenceKind.Vanishes : GroupDifferenceKind.Splits
                : GroupDifferenceKind.Moves;
            yield return (names.Min(), kind, Text(old), Text(young));

            List<(long Id, int Size)> Sides(Dictionary<long, long> groups) =>
                [.. part.GroupBy(c => groups[c]).Select(g => (g.Key, g.Count())).OrderByDescending(g => g.Item2).ThenBy(g => g.Key)];
        }

        static string Text(IEnumerable<(long Id, int Size)> parts) => string.Join(' ', parts.Take(6).Select(p => $"{p.Id}:{p.Size}"));
    }

    private static Dictionary<long, long> Partition(Random random, List<long> contents) =>
        contents.Where(_ => random.Next(10) > 0).ToDictionary(c => c, _ => (long)random.Next(14));

    // By the smallest picture of each group.
    private static Dictionary<long, long> Named(Dictionary<long, long> groups) =>
        groups.GroupBy(g => g.Value, g => g.Key).SelectMany(g => g.Select(c => (c, g.Min()))).ToDictionary(g => g.c, g => g.Item2);

    private static async Task<(long Before, long After)> ModelsAsync(TestDatabase database)
    {
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.5);
        return (catalogue.Model.ModelId, await new ModelTransitions(database.DataSource).RegisterThresholdAsync(
            catalogue.Model.ModelId, 0.6, "{}", null, Token));
    }

    private static async Task WriteAsync(TestDatabase database, long modelId, Dictionary<long, long> groups)
    {
        await database.ExecuteAsync("delete from cpf.group_members where model_id = $1", modelId);
        await database.ExecuteAsync("delete from cpf.groups where model_id = $1", modelId);
        await database.ExecuteAsync(
            """
            insert into cpf.group_members (model_id, content_id, group_id, component_id)
            select $1, c, g, g from unnest($2::bigint[], $3::bigint[]) as t(c, g)
            """, modelId, groups.Keys.ToArray(), groups.Values.ToArray());
        await database.ExecuteAsync(
            """
            insert into cpf.groups (model_id, group_id, size, min_pair_similarity, medoid, weakest_merge)
            select model_id, group_id, count(*), 1, group_id, 1 from cpf.group_members where model_id = $1
            group by model_id, group_id having count(*) > 1
            """, modelId);
    }
}
