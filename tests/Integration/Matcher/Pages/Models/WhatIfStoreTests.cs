using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Pages.Models;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Pages.Models;

public sealed class WhatIfStoreTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CountAndRead_AnyThresholdUpFromTheModels_AreThePartitionOfAModelWithIt() =>
        await Gen.Int[0, int.MaxValue].SampleAsync(RunAsync, iter: 6, threads: 1);

    [Fact]
    public async Task CountAndRead_PendingPictures_StayWhereTheyAre()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(5, products: 1, each: 6, dimension: 16);
        long[] ids = [.. pictures.Select(p => p.ContentId)];
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync(ids);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Updater.RefreshAsync(ids, Token);
        await database.ExecuteAsync("update cpf.group_members set pending = true");
        var store = new WhatIfStore(database.DataSource);

        Assert.Equal(new WhatIfCounts(1, 1, 0, true), await store.CountAsync(catalogue.Model, 1, Token));
        Assert.Empty((await store.ReadAsync(catalogue.Model, 1, null, 10, Token)).Groups);
    }

    [Fact]
    public async Task Count_MoreMergesThanItsBound_IsLeftOut()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.5);
        await database.ExecuteAsync(
            """insert into cpf.group_merges (model_id, "left", "right", height) select $1, 0, n, 0.6 from generate_series(1, $2) as n""",
            catalogue.Model.ModelId, WhatIfStore.MaxUndone);
        var store = new WhatIfStore(database.DataSource);

        Assert.Null((await store.CountAsync(catalogue.Model, 0.7, Token)).GroupsThen);
        Assert.NotNull((await store.CountAsync(catalogue.Model, 0.6, Token)).GroupsThen);
    }

    private async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        await using var world = await JudgedCatalogue.CreateAsync(
            databases, random, 25 + random.Next(20), 11, ids => (ids[random.Next(ids.Length)], ids[random.Next(ids.Length)]));
        var (store, model) = (new WhatIfStore(world.Database.DataSource), world.Catalogue.Model);
        var now = world.By(JudgedCatalogue.Threshold).Groups;
        foreach (var tau in world.Thresholds)
        {
            var then = world.By(tau).Groups;
            // Groups of now that are not one group then, and what becomes of them.
            var changed = now.GroupBy(g => g.Value, g => g.Key).Where(g => g.Select(c => then[c]).Distinct().Count() > 1).ToDictionary(
                g => g.Key,
                g => string.Join(' ', g.GroupBy(c => then[c]).OrderByDescending(p => p.Count()).ThenBy(p => p.Key).Take(8)
                    .Select(p => $"{p.Key}:{p.Count()}")));

            Assert.Equal(
                new WhatIfCounts(Groups(now), Groups(then), changed.Count, false), await store.CountAsync(model, tau, Token));
            var found = new List<WhatIfGroup>();
            for (var (place, more) = ((ListPlace<long>?)null, true); more;)
            {
                var page = await store.ReadAsync(model, tau, place, 2, Token);
                found.AddRange(page.Groups);
                more = page.Next is not null;
                place = page.Next is null ? null : ListPlace<long>.Parse(page.Next.ToString(), ListKey.Similarity);
            }

            Assert.Equal(
                changed.OrderBy(c => c.Key),
                found.ToDictionary(g => g.GroupId, g => string.Join(' ', g.Parts.Select(p => $"{p.GroupId}:{p.Size}")))
                    .OrderBy(c => c.Key));
            Assert.Equal(found.OrderBy(g => g.WeakestMerge).ThenBy(g => g.GroupId).Select(g => g.GroupId), found.Select(g => g.GroupId));
        }

        static long Groups(IReadOnlyDictionary<long, long> groups) => groups.Values.CountBy(g => g).LongCount(g => g.Value > 1);
    }
}
