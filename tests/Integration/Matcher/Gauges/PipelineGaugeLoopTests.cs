using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Gauges;

public sealed class PipelineGaugeLoopTests(TestDatabases databases)
{
    [Fact]
    public async Task Gauges_OfTwoMatchers_AreToldByOneAndThenByTheOther()
    {
        await using var database = await databases.CreateAsync(TestContext.Current.CancellationToken);
        await using var first = new GaugedMatcher(database.ConnectionString, new Dictionary<string, uint>());
        await using var second = new GaugedMatcher(database.ConnectionString, new Dictionary<string, uint>());
        await first.StartAsync();
        await Until.TrueAsync(() => Task.FromResult(first.Read().Count > 0));
        await second.StartAsync();

        await Until.TrueAsync(() => Task.FromResult(second.Looks > 1));
        Assert.Empty(second.Read());

        await first.StopAsync();
        Assert.Empty(first.Read());
        await Until.TrueAsync(() => Task.FromResult(second.Read().Count > 0));
    }

    [Fact]
    public async Task Gauges_SessionOfTheOneThatTellsIsEnded_AreToldAgain()
    {
        await using var database = await databases.CreateAsync(TestContext.Current.CancellationToken);
        await using var matcher = new GaugedMatcher(database.ConnectionString, new Dictionary<string, uint>());
        await matcher.StartAsync();
        await Until.TrueAsync(() => Task.FromResult(matcher.Read().Count > 0));

        await database.ExecuteAsync(
            "select pg_terminate_backend(holder_pid) from cpf.kept_locks where name = 'cpf.gauges'");
        await database.ExecuteAsync("insert into cpf.outbox (type, payload) values ('Anything', '{}')");

        await Until.TrueAsync(() => Task.FromResult(matcher.Read().GetValueOrDefault("cpf.pipeline.waiting publish") == 1));
    }

    [Fact]
    public async Task Gauges_BeforeTheFirstModel_SayThatThereIsNone()
    {
        await using var database = await databases.CreateAsync(TestContext.Current.CancellationToken);
        await using var matcher = new GaugedMatcher(database.ConnectionString, new Dictionary<string, uint>());
        await matcher.StartAsync();
        await Until.TrueAsync(() => Task.FromResult(matcher.Read().ContainsKey("cpf.queue.messages cpf.dead-letter dead_letter")));

        var values = matcher.Read();
        Assert.Equal(0, values["cpf.model.active"]);
        Assert.Equal(
            ["cpf.pipeline.oldest_waiting fetch", "cpf.pipeline.oldest_waiting publish", "cpf.pipeline.waiting fetch",
                "cpf.pipeline.waiting publish"],
            values.Keys.Where(k => k.Contains("waiting", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.DoesNotContain("cpf.model.threshold", values.Keys);
    }

    [Fact]
    public async Task Gauges_OfACatalogueWithWorkAtEveryStage_CountItAndTellTheOldest()
    {
        await using var database = await databases.CreateAsync(TestContext.Current.CancellationToken);
        var catalogue = await Catalogue.CreateAsync(database, 8, .5);
        await catalogue.EmbedAsync([.. Enumerable.Range(1, 6).Select(id => ((long)id, new Half[8]))]);
        await catalogue.ShowAsync([1, 2, 3, 4, 5]); // The sixth is no image's: it is not live.
        await database.ExecuteAsync(
            """
            insert into cpf.contents (content_id, sha256, format, width, height, byte_length, created_at)
                select 7, sha256('7'), 'png', 1, 1, 1, now() - interval '30 minutes';
            insert into cpf.images (image_id, source, external_id, uri, state, revision, updated_at)
                select gen_random_uuid(), 's', 'coming ' || i, 'x', 'received', 1, now() - i * interval '1 hour'
                from generate_series(1, 3) i;
            update cpf.contents set created_at = now() - content_id * interval '1 minute' where content_id < 7;
            insert into cpf.outbox (type, payload, created_at)
                select 'Anything', '{}', now() - interval '2 minutes' from generate_series(1, 4);
            """);
        await database.ExecuteAsync(
            """
            insert into cpf.group_members (model_id, content_id, group_id, component_id, pending, reconciled, matched_at) values
                ($1, 1, 1, 1, true, false, now() - interval '10 minutes'), ($1, 2, 2, 2, false, false, now() - interval '20 minutes'),
                ($1, 3, 3, 3, false, true, now() - interval '9 hours')
            """, catalogue.Model.ModelId);
        await database.ExecuteAsync(
            """
            insert into cpf.reconciles (model_id, started_at, finished_at, contents, gallery, pairs, missed_pairs, recall)
                values ($1, now(), now(), 1, 1, 4, 1, .75)
            """, catalogue.Model.ModelId);
        await database.ExecuteAsync(
            """
            insert into cpf.training_runs (run_id, kind, trigger, state, finished_at) values
                (gen_random_uuid(), 'training', 'http', 'refused', '2024-05-01 00:00:00+00'),
                (gen_random_uuid(), 'training', 'http', 'failed', '2024-06-01 00:00:00+00');
            """);
        await using var matcher = new GaugedMatcher(
            database.ConnectionString, new Dictionary<string, uint> { ["cpf.content-stored"] = 5, ["cpf.content-stored_error"] = 2 });
        await matcher.StartAsync();
        await Until.TrueAsync(() => Task.FromResult(matcher.Read().ContainsKey("cpf.queue.messages cpf.dead-letter dead_letter")));

        var values = matcher.Read();
        (string Stage, double Waiting, double Minutes)[] expected =
            [("fetch", 3, 180), ("embed", 1, 30), ("match", 2, 5), ("regroup", 1, 10), ("reconcile", 2, 20), ("publish", 4, 2)];
        Assert.All(expected, e =>
        {
            Assert.Equal(e.Waiting, values[$"cpf.pipeline.waiting {e.Stage}"]);
            Assert.InRange(values[$"cpf.pipeline.oldest_waiting {e.Stage}"], e.Minutes * 60, (e.Minutes * 60) + 60);
        });
        Assert.Equal(catalogue.Model.ModelId, values["cpf.model.active"]);
        Assert.Equal(.5, values["cpf.model.threshold"]);
        Assert.Equal(.75, values["cpf.matcher.search_recall"]);
        Assert.Equal(new DateTimeOffset(2024, 5, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds(), values["cpf.pipeline.last_training"]);
        Assert.Equal(
            (5, 2, 0), (values["cpf.queue.messages cpf.content-stored ready"], values["cpf.queue.messages cpf.content-stored error"],
                values["cpf.queue.messages cpf.content-stored skipped"]));
        Assert.DoesNotContain("cpf.model.churn", values.Keys);
    }
}
