using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Pages.Models;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using CpfPipeline.Tests.Oracle;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Pages.Models;

public sealed class WhatIfStoreTests(TestDatabases databases)
{
    private const int Dimension = 4;
    private const double Threshold = 0.5;

    // Coarse values, so that similarities tie and hit thresholds exactly all the time.
    private static readonly double[] Coordinates = [-0.25, 0, 0.25, 0.5, 0.75];

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
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, Dimension, Threshold);
        var contents = Enumerable.Range(0, 25 + random.Next(20)).ToDictionary(
            _ => random.NextInt64(0, long.MaxValue),
            _ => Enumerable.Range(0, Dimension).Select(_ => (Half)Coordinates[random.Next(Coordinates.Length)]).ToArray());
        long[] ids = [.. contents.Keys];
        await catalogue.EmbedAsync([.. contents.Select(c => (c.Key, c.Value))]);
        await catalogue.ShowAsync(ids);
        var verdicts = new Dictionary<(long A, long B), bool>();
        for (var i = random.Next(12); i > 0; i--)
        {
            var (a, b) = (ids[random.Next(ids.Length)], ids[random.Next(ids.Length)]);
            if (a != b)
            {
                verdicts[(Math.Min(a, b), Math.Max(a, b))] = random.Next(2) == 0;
            }
        }

        foreach (var ((a, b), same) in verdicts)
        {
            await catalogue.JudgeAsync(a, b, same);
        }

        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Updater.RefreshAsync(ids, Token);
        await matcher.SettleAsync(Token);
        NaivePartition By(double tau) => NaiveMatching.Partition(
            contents, tau, [.. verdicts.Where(v => v.Value).Select(v => v.Key)], [.. verdicts.Where(v => !v.Value).Select(v => v.Key)]);
        var store = new WhatIfStore(database.DataSource);
        var heights = By(Threshold).Merges.Select(m => m.Height).Where(h => h > Threshold && h < 1).ToArray();
        double[] thresholds = [Threshold, 0.5625, 0.625, 0.75, 1, .. heights.Take(3).Select(Math.BitIncrement)];
        var now = By(Threshold).Groups;
        foreach (var tau in thresholds)
        {
            var then = By(tau).Groups;
            // Groups of now that are not one group then, and what becomes of them.
            var changed = now.GroupBy(g => g.Value, g => g.Key).Where(g => g.Select(c => then[c]).Distinct().Count() > 1).ToDictionary(
                g => g.Key,
                g => string.Join(' ', g.GroupBy(c => then[c]).OrderByDescending(p => p.Count()).ThenBy(p => p.Key).Take(8)
                    .Select(p => $"{p.Key}:{p.Count()}")));

            Assert.Equal(
                new WhatIfCounts(Groups(now), Groups(then), changed.Count, false), await store.CountAsync(catalogue.Model, tau, Token));
            var found = new List<WhatIfGroup>();
            for (var (place, more) = ((ListPlace<long>?)null, true); more;)
            {
                var page = await store.ReadAsync(catalogue.Model, tau, place, 2, Token);
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
