using CpfPipeline.Data.Ids;
using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;

namespace CpfPipeline.Tests.Integration.Sql;

/// <summary>Three sellers whose images give every question of the cookbook something to find.</summary>
internal static class Market
{
    private const int Dimension = 8;

    /// <summary>Fills a database, under two models one after the other.</summary>
    public static async Task SeedAsync(TestDatabase database, CancellationToken cancellationToken)
    {
        var catalogue = await Catalogue.CreateAsync(database, Dimension, 0.9);
        await catalogue.EmbedAsync(
            (1, Turned(0, 0)), (2, Turned(0, 0.3)), (3, Turned(0, 0.6)), // One product, three views, each near the next.
            (4, Turned(1, 0)), (5, Turned(1, 0.7)), // 0.76: just below the threshold to come.
            (6, Turned(2, 0)), // A logo.
            (7, Turned(3, 0)), (8, Turned(3, 0.61)), // 0.82: just above it.
            (9, Turned(4, 0)));
        await ShowAsync(database, "shop-a", "4711-front", 1, "gtin:1", "global");
        await ShowAsync(database, "shop-b", "b-1", 2, "gtin:1", "global");
        await ShowAsync(database, "shop-c", "c-9", 3, "gtin:2", "global");
        await ShowAsync(database, "shop-c", "c-1", 1, null, "source");
        await ShowAsync(database, "shop-a", "a-2", 4, "gtin:3", "global");
        await ShowAsync(database, "shop-b", "b-2", 5, null, "source");
        await ShowAsync(database, "shop-a", "a-7", 7, "7", "source");
        await ShowAsync(database, "shop-b", "b-8", 8, null, "source");
        await ShowAsync(database, "shop-a", "old", 9, null, "source");
        for (var i = 0; i < 20; i++)
        {
            await ShowAsync(database, "shop-a", $"logo-{i}", 6, $"product {i}", "source");
        }

        await database.ExecuteAsync(
            """
            insert into cpf.images (image_id, source, external_id, uri, state, reject_reason, revision)
                values ($1, 'shop-b', 'bad', 'x', 'rejected', 'undecodable', 1)
            """,
            ImageId.From("shop-b", "bad"));
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Repair.RunAsync(expected: true, cancellationToken);
        await catalogue.ActivateAsync(0.8, head: 1);
        await matcher.Repair.RunAsync(expected: true, cancellationToken);
        await database.ExecuteAsync("update cpf.images set state = 'retracted' where external_id = 'old'");
        await matcher.Updater.RefreshAsync([9], cancellationToken);
        await matcher.SettleAsync(cancellationToken);
        await database.ExecuteAsync(Night);
    }

    // The second model came of a night, as the Trainer writes it down; a later night's candidate was refused.
    private const string Night = """
        update cpf.models set report = '{"f1": 0.91, "f1_interval": [0.88, 0.94], "opis": 0.002}' where model_id = 2;
        insert into cpf.models (head_id, threshold, state, report, parent_model_id)
            values (1, 0.85, 'refused', '{"f1": 0.71, "f1_interval": [0.66, 0.75], "opis": 0.01}', 2);
        insert into cpf.training_runs (run_id, kind, trigger, state, step, message, base_model_id, model_id, snapshot_id, data, created_at,
            started_at, finished_at) values
            (gen_random_uuid(), 'training', 'schedule', 'finished', 'activate', 'model 2 is active in place of 1', 1, 2, 'a',
             '{"splits": {"train": {"contents": 9, "classes": 4}}}',
             now() - interval '1 day', now() - interval '1 day', now() - interval '23 hours'),
            (gen_random_uuid(), 'training', 'schedule', 'refused', 'gate', 'F1 0.71 against 0.91: worse by more than 0.01', 2, 3, 'b',
             '{"splits": {"train": {"contents": 10, "classes": 4}}}',
             now() - interval '1 hour', now() - interval '1 hour', now() - interval '50 minutes');
        insert into cpf.model_diffs (model_id, from_model_id, contents, unchanged, merged, split, moved, groups_before, groups_after, churn)
        values (2, 1, 9, 7, 2, 0, 0, 1, 2, 0.4);
        insert into cpf.model_diff_contents (model_id, content_id, kind, group_id_before, group_id_after)
            values (2, 7, 'merged', 7, 7), (2, 8, 'merged', 8, 7);
        """;

    private static Task ShowAsync(TestDatabase database, string source, string externalId, long contentId, string? key, string scope) =>
        database.ExecuteAsync(
        """
        insert into cpf.images (image_id, source, external_id, uri, content_id, state, revision, product_key, key_scope)
        values ($1, $2, $3, 'https://' || $2 || '/' || $3, $4, 'stored', 1, nullif($5, ''), $6)
        """, ImageId.From(source, externalId), source, externalId, contentId, key ?? "", scope);

    private static Half[] Turned(int axis, double angle)
    {
        var row = new Half[Dimension];
        (row[axis], row[Dimension - 1]) = ((Half)Math.Cos(angle), (Half)Math.Sin(angle));
        return row;
    }
}
