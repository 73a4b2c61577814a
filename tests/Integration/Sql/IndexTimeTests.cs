using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Sql;

/// <summary>What is asked about one listing, one group or one page reads a few rows, however many there are.</summary>
public sealed class IndexTimeTests(TestDatabases databases)
{
    private const int Contents = 20_000;

    // Some 20 rows are asked for at most. A plan that reads a table reads 20,000 of it.
    private const int MaxRowsRead = 1_000;

    private static readonly string[] Questions =
    [
        "select * from cpf.match_group_members where source = 'shop-7' and external_id = 'item-8007'",
        "select * from cpf.match_group_members where product_key = 'gtin:8005'",
        "select * from cpf.match_group_members where image_id = md5('item-8007')::uuid",
        "select * from cpf.match_group_members where content_id = 8007",
        "select * from cpf.match_group_members where group_id = 8005",
        """
        select m.* from cpf.image_status s join cpf.match_group_members m using (group_id)
        where s.source = 'shop-7' and s.external_id = 'item-8007'
        """,
        """
        select m.* from cpf.image_status s join cpf.match_group_members m using (image_id)
        where s.source = 'shop-7' and s.external_id = 'item-8007'
        """,
        """
        select m.*, g.sources from cpf.match_group_members m join cpf.match_groups g using (group_id)
        where m.external_id = 'item-8007' and m.source = 'shop-7'
        """,
        "select * from cpf.match_groups where group_id = 8005",
        """
        select g.* from cpf.image_status s join cpf.match_groups g using (group_id)
        where s.source = 'shop-7' and s.external_id = 'item-8007'
        """,
        "select * from cpf.match_groups where group_id > 8005 order by group_id limit 5",
        "select * from cpf.match_group_members where group_id > 8005 order by group_id limit 20",
        "select * from cpf.image_status where source = 'shop-7' and external_id = 'item-8007'",
        "select * from cpf.image_status where product_key = 'gtin:8005'",
        "select * from cpf.image_status where group_id = 8005",
        """
        select * from cpf.image_status where (updated_at, image_id) > ('2026-01-02Z', '00000000-0000-0000-0000-000000000000')
        order by updated_at, image_id limit 20
        """,
        "select * from cpf.match_pairs where source_a = 'shop-7' and external_id_a = 'item-8007'",
        "select * from cpf.match_pairs where source_b = 'shop-7' and external_id_b = 'item-8007'",
        "select * from cpf.match_pairs where not matches order by similarity desc limit 20",
        "select * from cpf.match_pairs where similarity >= threshold order by similarity limit 20",
        "select * from cpf.placeholders where content_id = 8007",
        "select * from cpf.group_changes where seq > 15000 order by seq limit 20",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Views_OneListingGroupOrPage_ReadAFewRows()
    {
        await using var database = await databases.CreateAsync(Token);
        await FillAsync(database);
        var team = new DataTeam(database);
        var tooMany = new List<string>();
        foreach (var question in Questions)
        {
            var isEmpty = (await team.AskAsync(question)).Rows.Count == 0;
            Assert.Equal(question.Contains("placeholders", StringComparison.Ordinal), isEmpty);
            if (await RowsRead.OfAsync(team, question) is var read and > MaxRowsRead)
            {
                tooMany.Add($"{read} rows: {question}");
            }
        }

        Assert.Empty(tooMany);
    }

    /// <summary>A logo's listings do not multiply: their status does not count the products of the logo for each of them.</summary>
    [Fact]
    public async Task ImageStatus_PictureOfManyProducts_ReadsAFewRowsAnImage()
    {
        await using var database = await databases.CreateAsync(Token);
        await Catalogue.CreateAsync(database, 8, 0.8);
        await database.ExecuteAsync(
            """
            insert into cpf.contents (content_id, sha256, format, width, height, byte_length) values (1, sha256('1'), 'png', 1, 1, 1);
            insert into cpf.images (image_id, source, external_id, uri, product_key, content_id, state, revision, applied_revision)
            select md5(n::text)::uuid, 'shop-a', 'logo-' || n, 'https://a.example/logo', 'sku-' || n, 1, 'stored', 1, 1
            from generate_series(1, 2000) n;
            analyze cpf.images;
            """);
        await database.ExecuteAsync("select pg_stat_reset_single_table_counters('cpf.images'::regclass)");

        var statuses = await new DataTeam(database).AskAsync("select status, count(*) as images from cpf.image_status group by status");

        Assert.Equal([("placeholder", 2000L)], statuses.Rows.Select(r => ((string)r["status"]!, (long)r["images"]!)));
        await database.ExecuteAsync("select pg_stat_clear_snapshot()");

        // Statistics reach the views a moment after the transaction.
        var read = 0L;
        await Until.TrueAsync(async () => (read = await database.ScalarAsync<long>(
            "select seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_user_tables where relid = 'cpf.images'::regclass")) > 0);
        Assert.InRange(read, 2_000, 100_000);
    }

    // Groups of four contents, a second image of every tenth, and a pair of each content with the next.
    private static async Task FillAsync(TestDatabase database)
    {
        var catalogue = await Catalogue.CreateAsync(database, 8, 0.8);
        await database.ExecuteAsync(
            $$"""
            insert into cpf.contents (content_id, sha256, format, width, height, byte_length)
            select n, sha256(n::text::bytea), 'jpeg', 8, 8, 100 from generate_series(1, {{Contents}}) n;
            insert into cpf.images (image_id, source, external_id, uri, product_key, key_scope, content_id, state, revision,
                applied_revision, updated_at)
            select md5('item-' || n)::uuid, 'shop-' || n % 50, 'item-' || n, 'https://a.example/' || n, 'gtin:' || n - (n - 1) % 4,
                   'global', n, 'stored', 1, 1, '2026-01-01Z'::timestamptz + n * interval '1 minute'
            from generate_series(1, {{Contents}}) n
            union all
            select md5('copy-' || n)::uuid, 'shop-' || n % 50, 'copy-' || n, 'https://a.example/' || n, null, 'source', n,
                   'stored', 1, 1, '2025-01-01Z' from generate_series(10, {{Contents}}, 10) n;
            insert into cpf.embeddings (head_id, content_id, embedding)
            select {{catalogue.Model.HeadId}}, n, '[1,0,0,0,0,0,0,0]'::halfvec from generate_series(1, {{Contents}}) n;
            insert into cpf.group_members (model_id, content_id, group_id, component_id, reconciled)
            select {{catalogue.Model.ModelId}}, n, n - (n - 1) % 4, n - (n - 1) % 4, true from generate_series(1, {{Contents}}) n;
            insert into cpf.groups (model_id, group_id, size, min_pair_similarity, medoid, weakest_merge)
            select {{catalogue.Model.ModelId}}, n, 4, 0.9, n + 1, 0.9 from generate_series(1, {{Contents}}, 4) n;
            insert into cpf.matches (head_id, content_a, content_b, similarity)
            select {{catalogue.Model.HeadId}}, n, n + 1, 0.7 + n % 300 / 1000.0 from generate_series(1, {{Contents - 1}}) n;
            insert into cpf.group_events (model_id, kind, content_id, group_id)
            select {{catalogue.Model.ModelId}}, 'joined', n, n from generate_series(1, {{Contents}}) n;
            """);
        await database.ExecuteAsync("analyze");
    }
}
