using CpfPipeline.Data;
using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher;

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
            "insert into cpf.images (image_id, source, external_id, uri, state, reject_reason, revision) values ($1, 'shop-b', 'bad', 'x', 'rejected', 'undecodable', 1)",
            ImageId.From("shop-b", "bad"));
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Repair.RunAsync(expected: true, cancellationToken);
        await catalogue.ActivateAsync(0.8, head: 1);
        await matcher.Repair.RunAsync(expected: true, cancellationToken);
        await database.ExecuteAsync("update cpf.images set state = 'retracted' where external_id = 'old'");
        await matcher.Updater.RefreshAsync([9], cancellationToken);
        await matcher.SettleAsync(cancellationToken);
    }

    private static Task ShowAsync(TestDatabase database, string source, string externalId, long contentId, string? key, string scope) => database.ExecuteAsync(
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
