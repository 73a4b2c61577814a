using System.Text.Json.Nodes;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Handover;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matching.Partitions;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using CsCheck;
using Npgsql;
using Xunit;
using static CpfPipeline.Tests.Integration.Matcher.Samples.TwoLooks;

namespace CpfPipeline.Tests.Integration.Matcher.Handover;

/// <summary>A shadow takes over at one moment, and its events continue those before.</summary>
public sealed class ActivationTests(TestDatabases databases)
{
    private static readonly MatcherOptions Defaults = new();

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
        var events = await database.QueryAsync(
            """
            select seq, kind, content_id, group_id, previous_group_id, model_id from cpf.group_events where seq > $1 order by seq
            """, lastSeq);
        Assert.NotEmpty(expected);
        Assert.Equal(
            expected.Select(e => (e.Kind.ToString().ToLowerInvariant(), e.ContentId, e.GroupId, e.PreviousGroupId, shadow.ModelId)),
            events.Select(e => ((string)e[1]!, (long)e[2]!, (long?)e[3], (long?)e[4], (long)e[5]!)));
        await catalogue.AssertExactAsync();

        var messages = (await database.QueryAsync("select type, payload::text from cpf.outbox order by seq"))
            .Select(r => (Type: (string)r[0]!, Body: JsonNode.Parse((string)r[1]!)!)).ToArray();
        Assert.Equal(["MatchGroupsChanged", "ModelActivated"], messages.Select(m => m.Type));
        Assert.Equal(
            expected.SelectMany(e => new[] { e.GroupId, e.PreviousGroupId }).OfType<long>().Distinct().Order(),
            messages[0].Body["groupIds"]!.AsArray().Select(JsonId.Of));
        Assert.Equal(
            ((long)events[0][0]!, (long)events[^1][0]!, shadow.ModelId),
            ((long)messages[0].Body["firstSeq"]!, (long)messages[0].Body["lastSeq"]!, JsonId.Of(messages[0].Body["modelId"])));
        Assert.Equal((shadow.ModelId, shadow.HeadId), (JsonId.Of(messages[1].Body["modelId"]), JsonId.Of(messages[1].Body["headId"])));
        Assert.Equal("retired", await database.ScalarAsync<string>("select state from cpf.models where model_id = $1", previous.ModelId));

        // What the message brings about.
        using var matcher = new MatcherInstance(database.DataSource, Defaults);
        await matcher.Repair.RunAsync(expected: true, Token);
        await matcher.SettleAsync(Token);
        Assert.Equal((long)events[^1][0]!, await database.ScalarAsync<long>("select max(seq) from cpf.group_events"));
        Assert.Equal(2L, await database.ScalarAsync<long>("select count(*) from cpf.outbox"));
        Assert.Equal(
            ids.Length, await database.ScalarAsync<long>("select count(*) from cpf.image_status where status = 'matched' and reconciled"));
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

            await using (var activate = new NpgsqlCommand(
                "insert into cpf.model_activations (model_id, at, takes_over) values ($1, now(), true)", connection)
            {
                Parameters = { new() { Value = other.ModelId } },
            })
            {
                await activate.ExecuteNonQueryAsync(Token);
            }

            var told = await WholeGroupStore.AppendDifferenceAsync(connection, catalogue.Model.ModelId, other.ModelId, Token);

            await using var command = new NpgsqlCommand(
                "select kind, content_id, group_id, previous_group_id from cpf.group_events order by seq", connection);
            await using var reader = await command.ExecuteReaderAsync(Token);
            var events = new List<(string, long, long?, long?)>();
            while (await reader.ReadAsync(Token))
            {
                events.Add((reader.GetString(0), reader.GetInt64(1), reader.IsDBNull(2)
                    ? null : reader.GetInt64(2), reader.IsDBNull(3) ? null : reader.GetInt64(3)));
            }

            var expected = PartitionDiff.Between(before, after);
            Assert.Equal(expected.Select(e => (e.Kind.ToString().ToLowerInvariant(), e.ContentId, e.GroupId, e.PreviousGroupId)), events);
            Assert.Equal(expected.Count == 0, told is null);
        }, iter: 200, threads: 1);

        static Dictionary<long, long> AnyPartition(Random random) =>
            Enumerable.Range(0, 14).Where(_ => random.Next(6) > 0).Select(i => (Id: (long)i, Group: random.Next(5)))
            .GroupBy(c => c.Group).SelectMany(g => g.Select(c => (c.Id, Group: g.Min(m => m.Id)))).ToDictionary(c => c.Id, c => c.Group);
    }

    [Fact]
    public async Task Rollback_AfterArrivalsDeparturesAndVerdicts_IsTheGroupsOfBeforePlusWhatCame()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, ids) = await MatchedAsync(database);
        var first = catalogue.Model;
        var before = await database.QueryAsync(
            "select content_id, group_id, component_id from cpf.group_members where model_id = $1 order by 1", first.ModelId);
        var second = await catalogue.ShadowAsync(0.93, head: 2, Blurred);
        await ShadowSteps.CatchUpAsync(database, Defaults, Token);
        await ShadowSteps.ActivateAsync(catalogue, second, Defaults, Token);

        // Nothing happened in between: exactly the groups of before.
        await ShadowSteps.ActivateAsync(catalogue, await catalogue.ShadowAsync(first.ModelId), Defaults, Token);
        Assert.Equal(before, await database.QueryAsync(
            "select content_id, group_id, component_id from cpf.group_members where model_id = $1 order by 1", first.ModelId));
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
    public async Task Rollback_VerdictWasOnItsWayWhenTheOtherModelTookOver_IsInTheGroupsAllTheSame()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, ids) = await MatchedAsync(database);
        var first = catalogue.Model;
        var second = await catalogue.ShadowAsync(0.93, head: 2, Blurred);
        await ShadowSteps.CatchUpAsync(database, Defaults, Token);
        await catalogue.JudgeAsync(ids[1], ids[2], true);
        await catalogue.JudgeAsync(ids[3], ids[9], false);
        await ShadowSteps.ActivateAsync(catalogue, second, Defaults, Token);
        using var matcher = new MatcherInstance(database.DataSource, Defaults);
        await matcher.Updater.RecomputeAsync([ids[1], ids[2]], Token);
        await matcher.Updater.RecomputeAsync([ids[3], ids[9]], Token);
        await catalogue.AssertExactAsync();

        await ShadowSteps.ActivateAsync(catalogue, await catalogue.ShadowAsync(first.ModelId), Defaults, Token);

        await catalogue.AssertExactAsync();
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from cpf.model_stale where model_id = $1", first.ModelId));
    }

    [Fact]
    public async Task Recompute_OfTheActiveModel_TakesItsMarksAway()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, ids) = await MatchedAsync(database);
        await catalogue.JudgeAsync(ids[1], ids[2], true);
        await catalogue.JudgeAsync(ids[3], ids[9], false);
        Assert.Equal(4L, await database.ScalarAsync<long>("select count(*) from cpf.model_stale"));
        using var matcher = new MatcherInstance(database.DataSource, Defaults);

        await matcher.Updater.RecomputeAsync([ids[1], ids[2]], Token);

        var left = await database.QueryAsync("select content_id from cpf.model_stale");
        Assert.Equal(new[] { ids[3], ids[9] }.Order(), left.Select(r => (long)r[0]!).Order());
        await matcher.Updater.RecomputeAsync([ids[3], ids[9]], Token);
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from cpf.model_stale"));
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
        Assert.Equal(
            0L, await database.ScalarAsync<long>("select count(*) from cpf.group_members where content_id = $1", arrival.ContentId));
        await database.ExecuteAsync(
            """
            insert into cpf.embeddings (head_id, content_id, embedding) select head_id, $1, embedding from cpf.embeddings
                where head_id = $2 and content_id = $3
            """,
            arrival.ContentId, shadow.HeadId, ids[5]);
        await matcher.Updater.RefreshAsync([arrival.ContentId], Token);
        Assert.Equal(shadow.ModelId,
            await database.ScalarAsync<long>("select model_id from cpf.group_members where content_id = $1", arrival.ContentId));
    }

    [Fact]
    public async Task Activation_ChangesSinceTheLastLook_AreTakenInUnderTheLock()
    {
        await using var database = await databases.CreateAsync(Token);
        var (catalogue, ids) = await MatchedAsync(database);
        var shadow = await catalogue.ShadowAsync(0.93, head: 2, Blurred);
        await ShadowSteps.CatchUpAsync(database, Defaults, Token);
        await catalogue.WishAsync(shadow);
        var arrivals = All.Skip(Known).ToArray();
        await catalogue.EmbedAsync(arrivals);
        await catalogue.ShowAsync([.. arrivals.Select(a => a.ContentId)]);
        await catalogue.RetractAsync($"{ids[0]}");
        await catalogue.JudgeAsync(ids[1], ids[2], true);
        using var matcher = new MatcherInstance(database.DataSource, Defaults);
        await matcher.Updater.RecomputeAsync([.. ids, .. arrivals.Select(a => a.ContentId)], Token);

        Assert.True(await matcher.Activation.TryAsync(shadow, maxContents: 100, pendingToo: false, Token));

        await catalogue.FollowAsync();
        Assert.Equal(shadow.ModelId, catalogue.Model.ModelId);
        await catalogue.AssertGroupsAsync(shadow);
        await matcher.Reconciler.RunAsync(Token);
        await catalogue.AssertExactAsync();
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from cpf.model_stale where model_id = $1", shadow.ModelId));
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
        await matcher.Updater.RefreshAsync([.. arrivals.Select(a => a.ContentId)], Token);

        Assert.False(await matcher.Activation.TryAsync(shadow, maxContents: arrivals.Length - 1, pendingToo: true, Token));
        // Their components are too large to regroup under the lock.
        Assert.False(await matcher.Activation.TryAsync(shadow, maxContents: 100, pendingToo: false, Token));
        await catalogue.FollowAsync();
        Assert.NotEqual(shadow.ModelId, catalogue.Model.ModelId);
        Assert.Equal(30L, await database.ScalarAsync<long>("select count(*) from cpf.group_members where model_id = $1", shadow.ModelId));

        // It also succeeds under traffic that never pauses. Giants are then pending for a while, as under any active model.
        Assert.True(await matcher.Activation.TryAsync(shadow, maxContents: 100, pendingToo: true, Token));
        await catalogue.FollowAsync();
        Assert.Equal(shadow.ModelId, catalogue.Model.ModelId);
        await matcher.SettleAsync(Token);
        await catalogue.AssertExactAsync();
    }
}
