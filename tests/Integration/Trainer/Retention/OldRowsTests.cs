using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using CpfPipeline.Trainer.Retention;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Retention;

public sealed class OldRowsTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ModelChanges_Old_StayOfTheActiveModelAndOfShadowsAlone()
    {
        await using var database = await databases.CreateAsync(Token);
        await Catalogue.CreateAsync(database, 2, .9);
        await database.ExecuteAsync(
            """
            insert into cpf.models (head_id, threshold, state, report) values
                (1, .8, 'retired', '{}'), (1, .81, 'shadow', '{}'), (1, .82, 'retired', '{}');
            insert into cpf.model_diffs
                (model_id, from_model_id, contents, unchanged, merged, split, moved, groups_before, groups_after, churn, at)
            select model_id, 1, 9, 7, 2, 0, 0, 1, 2, .4, now() - interval '1 day' * case when threshold = .82 then 0 else 91 end
            from cpf.models;
            insert into cpf.model_diff_contents (model_id, content_id, kind, group_id_before, group_id_after)
            select model_id, n, 'moved', 1, 2 from cpf.models, generate_series(1, 7) as n
            """);

        var removed = await RemoveAsync(database, new RetentionOptions { RowsAtOnce = 3 });

        Assert.Equal(7, removed[RetentionKind.ModelChanges]);
        Assert.Equal(
            ["active", "retired", "shadow"],
            await TextsAsync(
                database, "select distinct m.state from cpf.model_diff_contents join cpf.models m using (model_id) order by 1"));
        Assert.Equal(4, await database.ScalarAsync<long>("select count(*) from cpf.model_diffs"));
    }

    [Fact]
    public async Task Reconciles_Old_StayTheLastOfEachModel()
    {
        await using var database = await databases.CreateAsync(Token);
        await Catalogue.CreateAsync(database, 2, .9);
        await database.ExecuteAsync(
            """
            insert into cpf.models (head_id, threshold, state, report) values (1, .8, 'retired', '{}');
            insert into cpf.reconciles (model_id, started_at, finished_at, contents, gallery, pairs, missed_pairs, recall)
            select model_id, t, t, n, 0, 0, 0, 1
            from cpf.models, generate_series(1, 5) as n cross join lateral (select now() - interval '1 day' * (100 - n)) as o(t);
            insert into cpf.reconciles (model_id, started_at, finished_at, contents, gallery, pairs, missed_pairs, recall)
            values (1, now(), now(), 6, 0, 0, 0, 1)
            """);

        var removed = await RemoveAsync(database, new RetentionOptions { RowsAtOnce = 2 });

        Assert.Equal(9, removed[RetentionKind.Reconciles]);
        Assert.Equal(
            ["1 6", "2 5"], await TextsAsync(database, "select model_id || ' ' || contents from cpf.reconciles order by 1"));
    }

    [Fact]
    public async Task Feeds_Old_StayWhatALaterOneIsComparedWith()
    {
        await using var database = await databases.CreateAsync(Token);
        await database.ExecuteAsync(
            """
            insert into cpf.feeds (source, path, format, state, revision, finished_at, message)
            select s, p, 'csv', state, 1, case when state <> 'running' then now() - interval '1 day' * days end, what
            from (values
                ('a', '/one', 'finished', 500, 'goes'),   ('a', '/one', 'failed', 490, 'goes'),
                ('a', '/one', 'finished', 480, 'base'),   ('a', '/one', 'finished', 470, 'last of its path'),
                ('a', '/two', 'finished', 460, 'last of another path'), ('a', '/one', 'failed', 450, 'newest of its source'),
                ('b', '/one', 'failed', 500, 'only one'), ('c', '/one', 'finished', 300, 'young'), ('c', '/one', 'finished', 200, 'young'),
                ('d', '/one', 'running', 0, 'runs')) as t(s, p, state, days, what);
            update cpf.feeds f set unchanged_since = (select feed_id from cpf.feeds where message = 'base')
            where message = 'last of its path';
            insert into cpf.feed_rejections (feed_id, row_number, external_id, reason) select feed_id, 1, 'x', 'undecodable' from cpf.feeds
            """);

        var removed = await RemoveAsync(database, new RetentionOptions());

        Assert.Equal(2, removed[RetentionKind.Feeds]);
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from cpf.feeds where message = 'goes'"));
        Assert.Equal(8, await database.ScalarAsync<long>("select count(*) from cpf.feed_rejections"));
    }

    [Fact]
    public async Task Reports_Old_LoseTheirPageAlone()
    {
        await using var database = await databases.CreateAsync(Token);
        await database.ExecuteAsync(
            """
            insert into cpf.training_runs (run_id, kind, trigger, state, report, report_html, finished_at)
            select gen_random_uuid(), 'training', 'schedule', 'refused', '{"f1": 1}', 'page', now() - interval '1 day' * days
            from (values (401), (399)) as t(days)
            """);

        Assert.Equal(1, (await RemoveAsync(database, new RetentionOptions()))[RetentionKind.Reports]);
        Assert.Equal(
            ["{\"f1\": 1} ", "{\"f1\": 1} page"],
            await TextsAsync(
                database, "select report::text || ' ' || coalesce(report_html, '') from cpf.training_runs order by finished_at"));
    }

    [Fact]
    public async Task PlaceholderEvents_Old_StayTheLastOfEachContent()
    {
        await using var database = await databases.CreateAsync(Token);
        await database.ExecuteAsync(
            """
            insert into cpf.placeholder_events (content_id, is_placeholder, product_keys, at)
            select c, n % 2 = 1, n, now() - interval '1 day' * (405 - n) from generate_series(1, 3) as n, generate_series(1, 4) as c;
            insert into cpf.placeholder_events (content_id, is_placeholder, product_keys, at)
            values (1, false, 9, now() - interval '1 day'), (2, false, 9, now())
            """);

        Assert.Equal(8, (await RemoveAsync(database, new RetentionOptions { RowsAtOnce = 5 }))[RetentionKind.PlaceholderEvents]);
        Assert.Equal(
            ["1 3", "1 9", "2 3", "2 9", "3 3", "4 3"],
            await TextsAsync(database, "select content_id || ' ' || product_keys from cpf.placeholder_events order by 1"));
    }

    [Fact]
    public async Task Removal_WhileAnotherTrainerIsAtIt_DoesNothing()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var held = await CpfPipeline.Data.Locks.KeptLock.TryTakeAsync(database.DataSource, "cpf.retention", Token);

        Assert.Empty(await RemoveAsync(database, new RetentionOptions()));
    }

    private static Task<IReadOnlyDictionary<string, long>> RemoveAsync(TestDatabase database, RetentionOptions options) =>
        Settings.Of(database, TimeProvider.System.GetUtcNow().UtcDateTime, options).RemoveAsync(Token);

    private static async Task<string[]> TextsAsync(TestDatabase database, string sql) =>
        [.. (await database.QueryAsync(sql)).Select(r => (string)r[0]!)];
}
