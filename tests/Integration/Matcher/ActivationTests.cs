using System.Text.Json.Nodes;
using CpfPipeline.Data;
using CpfPipeline.Matcher;
using CpfPipeline.Matching;
using CpfPipeline.Tests.Integration.Fixtures;
using CsCheck;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher;

/// <summary>A shadow takes over in one moment, and what is told of it fits what was told before.</summary>
public sealed class ActivationTests(TestDatabases databases)
{
    private const int Known = 30;
    private static readonly MatcherOptions Defaults = new();

    // Six products; the last twelve pictures, two of each, come later.
    private static readonly (long ContentId, Half[] Embedding)[] All = Pictures.Clustered(21, products: 6, each: 7, dimension: 16, noise: 0.12);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Activation_GroupsDiffer_TellsTheDifferenceOnceAndLeavesNothingToRepair()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, ids) = await MatchedAsync(database);
        var before = catalogue.Expected().Groups;
        var previous = catalogue.Model;
        var shadow = await catalogue.ShadowAsync(0.93, head: 2, Blurred);
        await ShadowSteps.CatchUpAsync(database, Defaults, Token);
        var lastSeq = await database.ScalarAsync<long>("select max(seq) from cpf.group_events");
        await database.ExecuteAsync("delete from cpf.outbox");

        await ShadowSteps.ActivateAsync(catalogue, shadow, Defaults, Token);

        var expected = PartitionDiff.Between(before, catalogue.Expected().Groups);
        var events = await database.QueryAsync("select seq, kind, content_id, group_id, previous_group_id, model_id from cpf.group_events where seq > $1 order by seq", lastSeq);
        Assert.NotEmpty(expected);
        Assert.Equal(
            expected.Select(e => (e.Kind.ToString().ToLowerInvariant(), e.ContentId, e.GroupId, e.PreviousGroupId, shadow.ModelId)),
            events.Select(e => ((string)e[1]!, (long)e[2]!, (long?)e[3], (long?)e[4], (long)e[5]!)));
        await catalogue.AssertExactAsync();

        var messages = (await database.QueryAsync("select type, payload::text from cpf.outbox order by seq")).Select(r => (Type: (string)r[0]!, Body: JsonNode.Parse((string)r[1]!)!)).ToArray();
        Assert.Equal(["MatchGroupsChanged", "ModelActivated"], messages.Select(m => m.Type));
        Assert.Equal(
            expected.SelectMany(e => new[] { e.GroupId, e.PreviousGroupId }).OfType<long>().Distinct().Order(),
            messages[0].Body["groupIds"]!.AsArray().Select(i => (long)i!));
        Assert.Equal(
            ((long)events[0][0]!, (long)events[^1][0]!, shadow.ModelId),
            ((long)messages[0].Body["firstSeq"]!, (long)messages[0].Body["lastSeq"]!, (long)messages[0].Body["modelId"]!));
        Assert.Equal((shadow.ModelId, shadow.HeadId), ((long)messages[1].Body["modelId"]!, (long)messages[1].Body["headId"]!));
        Assert.Equal("retired", await database.ScalarAsync<string>("select state from cpf.models where model_id = $1", previous.ModelId));

        // What the message brings about.
        using var matcher = new MatcherInstance(database.DataSource, Defaults);
        await matcher.Repair.RunAsync(expected: true, Token);
        await matcher.SettleAsync(Token);
        Assert.Equal((long)events[^1][0]!, await database.ScalarAsync<long>("select max(seq) from cpf.group_events"));
        Assert.Equal(2L, await database.ScalarAsync<long>("select count(*) from cpf.outbox"));
        Assert.Equal(ids.Length, await database.ScalarAsync<long>("select count(*) from cpf.image_status where status = 'matched' and reconciled"));
    }

    [Fact]
    public async Task AppendDifference_AnyTwoPartitions_IsPartitionDiff()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);
        var other = await catalogue.ShadowAsync(0.8, head: 2);
        await Gen.Int[0, int.MaxValue].SampleAsync(async seed =>
        {
            var random = new Random(seed);
            var (before, after) = (AnyPartition(random), AnyPartition(random));
            await using var connection = await database.DataSource.OpenConnectionAsync(Token);
            await using var transaction = await connection.BeginTransactionAsync(Token);
            foreach (var (model, groups) in new[] { (catalogue.Model, before), (other, after) })
            {
                await WholeGroupStore.ReplaceAsync(
                    connection, model.ModelId, [.. groups.Select(g => new GroupMember(g.Key, g.Value, g.Value, false))], [], [], Token);
            }

            await using (var activate = new NpgsqlCommand("insert into cpf.model_activations (model_id, at, takes_over) values ($1, now(), true)", connection)
            {
                Parameters = { new() { Value = other.ModelId } },
            })
            {
                await activate.ExecuteNonQueryAsync(Token);
            }

            var told = await WholeGroupStore.AppendDifferenceAsync(connection, catalogue.Model.ModelId, other.ModelId, Token);

            await using var command = new NpgsqlCommand("select kind, content_id, group_id, previous_group_id from cpf.group_events order by seq", connection);
            await using var reader = await command.ExecuteReaderAsync(Token);
            var events = new List<(string, long, long?, long?)>();
            while (await reader.ReadAsync(Token))
            {
                events.Add((reader.GetString(0), reader.GetInt64(1), reader.IsDBNull(2) ? null : reader.GetInt64(2), reader.IsDBNull(3) ? null : reader.GetInt64(3)));
            }

            var expected = PartitionDiff.Between(before, after);
            Assert.Equal(expected.Select(e => (e.Kind.ToString().ToLowerInvariant(), e.ContentId, e.GroupId, e.PreviousGroupId)), events);
            Assert.Equal(expected.Count == 0, told is null);
        }, iter: 200, threads: 1);

        static Dictionary<long, long> AnyPartition(Random random) => Enumerable.Range(0, 14).Where(_ => random.Next(6) > 0).Select(i => (Id: (long)i, Group: random.Next(5)))
            .GroupBy(c => c.Group).SelectMany(g => g.Select(c => (c.Id, Group: g.Min(m => m.Id)))).ToDictionary(c => c.Id, c => c.Group);
    }

    [Fact]
    public async Task Rollback_AfterArrivalsDeparturesAndVerdicts_IsTheGroupsOfBeforePlusWhatCame()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, ids) = await MatchedAsync(database);
        var first = catalogue.Model;
        var before = await database.QueryAsync("select content_id, group_id, component_id from cpf.group_members where model_id = $1 order by 1", first.ModelId);
        var second = await catalogue.ShadowAsync(0.93, head: 2, Blurred);
        await ShadowSteps.CatchUpAsync(database, Defaults, Token);
        await ShadowSteps.ActivateAsync(catalogue, second, Defaults, Token);

        // Nothing happened in between: exactly the groups of before.
        await ShadowSteps.ActivateAsync(catalogue, await catalogue.ShadowAsync(first.ModelId), Defaults, Token);
        Assert.Equal(before, await database.QueryAsync("select content_id, group_id, component_id from cpf.group_members where model_id = $1 order by 1", first.ModelId));
        await catalogue.AssertExactAsync();

        // And once more forth and back, with live traffic under the second.
        await ShadowSteps.ActivateAsync(catalogue, await catalogue.ShadowAsync(second.ModelId), Defaults, Token);
        var arrivals = All.Skip(Known).ToArray();
        await catalogue.EmbedAsync(arrivals);
        await catalogue.ShowAsync([.. arrivals.Select(a => a.ContentId)]);
        await catalogue.RetractAsync($"{ids[0]}");
        await catalogue.JudgeAsync(ids[1], ids[2], true);
        await catalogue.JudgeAsync(ids[3], ids[9], false);
        using var matcher = new MatcherInstance(database.DataSource, Defaults);
        await matcher.Updater.RecomputeAsync([.. ids, .. arrivals.Select(a => a.ContentId)], Token);
        await matcher.SettleAsync(Token);
        await catalogue.AssertExactAsync();
        await ShadowSteps.ActivateAsync(catalogue, await catalogue.ShadowAsync(first.ModelId), Defaults, Token);
        await matcher.SettleAsync(Token);
        await catalogue.AssertExactAsync();
    }

    [Fact]
    public async Task Activation_LiveWriterHasSearchedUnderTheOldModel_BeginsAgainUnderTheNewOne()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, ids) = await MatchedAsync(database);
        var shadow = await catalogue.ShadowAsync(0.93, head: 2, Blurred);
        await ShadowSteps.CatchUpAsync(database, Defaults, Token);
        var arrival = All[^1];
        var activated = false;
        using var matcher = new MatcherInstance(database.DataSource, Defaults, inner => new InterposedSearch(inner, async () =>
        {
            if (!activated)
            {
                activated = true;
                await ShadowSteps.ActivateAsync(catalogue, shadow, Defaults, Token);
            }
        }));
        await catalogue.EmbedAsync(arrival);
        await catalogue.ShowAsync([arrival.ContentId]);
        await database.ExecuteAsync("delete from cpf.embeddings where head_id = $1 and content_id = $2", shadow.HeadId, arrival.ContentId);

        var refresh = matcher.Updater.RefreshAsync([arrival.ContentId], Token);
        await refresh;

        Assert.True(activated);
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from cpf.group_members where content_id = $1", arrival.ContentId));
        await database.ExecuteAsync(
            "insert into cpf.embeddings (head_id, content_id, embedding) select head_id, $1, embedding from cpf.embeddings where head_id = $2 and content_id = $3",
            arrival.ContentId, shadow.HeadId, ids[5]);
        await matcher.Updater.RefreshAsync([arrival.ContentId], Token);
        Assert.Equal(shadow.ModelId, await database.ScalarAsync<long>("select model_id from cpf.group_members where content_id = $1", arrival.ContentId));
    }

    [Fact]
    public async Task Activation_TooMuchLeft_ChangesNothingUntilCaughtUp()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, _) = await MatchedAsync(database);
        var shadow = await catalogue.ShadowAsync(0.93, head: 2, Blurred);
        var options = new MatcherOptions { MaxOnlineComponent = 3 };
        await ShadowSteps.CatchUpAsync(database, options, Token);
        await catalogue.WishAsync(shadow);
        var arrivals = All.Skip(Known).ToArray();
        await catalogue.EmbedAsync(arrivals);
        await catalogue.ShowAsync([.. arrivals.Select(a => a.ContentId)]);
        using var matcher = new MatcherInstance(database.DataSource, options);

        Assert.False(await matcher.Activation.TryAsync(shadow, mostContents: arrivals.Length - 1, pendingToo: true, Token));
        Assert.False(await matcher.Activation.TryAsync(shadow, mostContents: 100, pendingToo: false, Token)); // Their components are too large to regroup under the lock.
        await catalogue.FollowAsync();
        Assert.NotEqual(shadow.ModelId, catalogue.Model.ModelId);
        Assert.Equal(30L, await database.ScalarAsync<long>("select count(*) from cpf.group_members where model_id = $1", shadow.ModelId));

        // Under traffic that never lets up it is done all the same: giants are pending for a while, as they are under any active model.
        Assert.True(await matcher.Activation.TryAsync(shadow, mostContents: 100, pendingToo: true, Token));
        await catalogue.FollowAsync();
        Assert.Equal(shadow.ModelId, catalogue.Model.ModelId);
        await matcher.SettleAsync(Token);
        await catalogue.AssertExactAsync();
    }

    [Fact]
    public async Task Activation_WhileOthersFeedAndReadersPoll_ShowsTheOldGroupsOrTheNewOnes()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, ids) = await MatchedAsync(database);
        var (first, stable) = (catalogue.Model, ids.ToHashSet());

        // Nothing of what comes looks like what is there, under either model: these groups are known at any time.
        var feed = Pictures.Clustered(77, products: 120, each: 4, dimension: 16, noise: 0.1).Where(f => All.All(
            a => Similarity.Exact(a.Embedding, f.Embedding) < 0.7 && Similarity.Exact(Blurred(0, a.Embedding), Blurred(0, f.Embedding)) < 0.7)).ToArray();
        var shadow = await catalogue.ShadowAsync(0.93, head: 2, Blurred);
        await ShadowSteps.CatchUpAsync(database, Defaults, Token);
        Dictionary<long, Dictionary<long, long>> right = new()
        {
            [first.ModelId] = catalogue.Expected(first).Groups.ToDictionary(), [shadow.ModelId] = catalogue.Expected(shadow).Groups.ToDictionary(),
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
                var expected = right[model].GroupBy(g => g.Value).Where(g => g.Count() > 1).SelectMany(g => g).OrderBy(g => g.Key).Select(g => (g.Key, g.Value));
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
            // Comes, and goes and comes again, until well after the activation.
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

    /// <summary>Thirty pictures of six products, matched under a model with threshold 0.9.</summary>
    private static async Task<(Catalogue Catalogue, long[] Ids)> MatchedAsync(TestDatabase database)
    {
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = All[..Known];
        await catalogue.EmbedAsync(pictures);
        long[] ids = [.. pictures.Select(p => p.ContentId)];
        await catalogue.ShowAsync(ids);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Updater.RefreshAsync(ids, Token);
        await matcher.SettleAsync(Token);
        await catalogue.AssertExactAsync();
        return (catalogue, ids);
    }

    // Another look at the same picture: half of the values only.
    private static Half[] Blurred(long id, Half[] embedding)
    {
        var norm = Math.Sqrt(embedding.Take(8).Sum(v => (double)v * (double)v));
        return [.. embedding.Select((v, i) => i < 8 ? (Half)((double)v / norm) : (Half)0)];
    }
}
