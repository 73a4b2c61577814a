using CpfPipeline.Matcher;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;
using static CpfPipeline.Tests.Integration.Matcher.Samples.TwoLooks;

namespace CpfPipeline.Tests.Integration.Matcher.Handover;

/// <summary>A shadow takes over while others write and read.</summary>
public sealed class ActivationUnderLoadTests(TestDatabases databases)
{
    private static readonly MatcherOptions Defaults = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Activation_WhileOthersFeedAndReadersPoll_ShowsTheOldGroupsOrTheNewOnes()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, ids) = await MatchedAsync(database);
        var (first, stable) = (catalogue.Model, ids.ToHashSet());

        // No arrival is similar to an existing content under either model, so these groups are known at any time.
        var feed = TestContents.Clustered(77, products: 120, each: 4, dimension: 16, noise: 0.1).Where(f => All.All(
            a => Similarity.Exact(a.Embedding, f.Embedding) < 0.7
                && Similarity.Exact(Blurred(0, a.Embedding), Blurred(0, f.Embedding)) < 0.7)).ToArray();
        var shadow = await catalogue.ShadowAsync(0.93, head: 2, Blurred);
        await ShadowSteps.CatchUpAsync(database, Defaults, Token);
        Dictionary<long, Dictionary<long, long>> right = new()
        {
            [first.ModelId] = catalogue.Expected(first).Groups.ToDictionary(),
                [shadow.ModelId] = catalogue.Expected(shadow).Groups.ToDictionary(),
        };
        Assert.NotEqual(right[first.ModelId].OrderBy(g => g.Key), right[shadow.ModelId].OrderBy(g => g.Key));
        Assert.All(right.Values, r => Assert.NotEqual(r.Count, r.Values.Distinct().Count())); // There is something to see under both.
        var activated = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var (seen, polls) = (new HashSet<long>(), 0);
        var polling = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var rows = await database.QueryAsync("select model_id, content_id, group_id from cpf.match_group_members");
                var model = Assert.Single(rows.Select(r => (long)r[0]!).Distinct());
                seen.Add(model);
                var groups = rows.Select(r => (Content: (long)r[1]!, Group: (long)r[2]!)).Distinct().ToLookup(r => r.Content, r => r.Group);
                Assert.All(groups, g => Assert.Single(g));
                var expected = right[model]
                    .GroupBy(g => g.Value).Where(g => g.Count() > 1).SelectMany(g => g).OrderBy(g => g.Key).Select(g => (g.Key, g.Value));
                Assert.Equal(expected, groups.Where(g => stable.Contains(g.Key)).Select(g => (g.Key, g.Single())).Order());
                Assert.Single((await database.QueryAsync("select distinct model_id from cpf.match_groups")));
                var status = await database.QueryAsync("select content_id, status, group_id from cpf.image_status");
                var mine = status.Where(s => stable.Contains((long)s[0]!)).Select(s => ((long)s[0]!, (long?)s[2])).Order().ToArray();
                Assert.Contains(right.Values, r => r.OrderBy(g => g.Key).Select(g => (g.Key, (long?)g.Value)).SequenceEqual(mine));
                polls++;
            }
        }, Token);
        var feeding = Task.Run(async () =>
        {
            // Arrives, leaves and arrives again until well after the activation.
            using var live = new MatcherInstance(database.DataSource, Defaults);
            var (known, after) = (new HashSet<long>(), 0);
            for (var turn = 0; after < 5; turn++)
            {
                after += activated.Task.IsCompleted ? 1 : 0;
                var chunk = feed.Chunk(6).ElementAt(turn % (feed.Length / 6));
                long[] chunkIds = [.. chunk.Select(c => c.ContentId)];
                var absent = chunk.Where(c => known.Add(c.ContentId)).ToArray();
                if (absent.Length > 0)
                {
                    await catalogue.EmbedAsync(absent);
                }

                foreach (var id in chunkIds)
                {
                    await (catalogue.ShownBy($"{id}") is null ? catalogue.SubmitAsync($"{id}", id) : catalogue.RetractAsync($"{id}"));
                }

                await live.Updater.RefreshAsync(chunkIds, Token);
            }
        }, Token);
        using var keeper = new MatcherInstance(database.DataSource, Defaults);
        await ShadowSteps.AwaitAsync(database, "select count(*) > 80 from cpf.group_members", Token);
        await catalogue.WishAsync(shadow);
        while (await database.ScalarAsync<bool>("select exists (select from cpf.model_preparations)"))
        {
            await keeper.Keeper.RunOnceAsync(Token);
        }

        activated.SetResult();
        await feeding;
        await stop.CancelAsync();
        await polling;
        Assert.Equal([first.ModelId, shadow.ModelId], seen.Order());
        Assert.True(polls > 10);
        await catalogue.FollowAsync();
        await keeper.SettleAsync(Token);
        await catalogue.AssertExactAsync();
    }
}
