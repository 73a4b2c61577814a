using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CpfPipeline.Data.Schema;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Schema;

/// <summary>
/// Databases of schema versions 9, 26 and 29 (the release before), with rows in every table and a value in every column, keep them on the
/// way to the newest version. Each comes by way of the one before, so that the migrations between them find rows as well.
/// </summary>
public sealed class UpgradeTests(TestDatabases databases)
{
    private const int OldVersion = 9;
    private const int LaterVersion = 26;
    private const int ReleasedVersion = 29;

    // As that version's program had made it before its first migration.
    private const string Preparation = """
        create extension vector schema public;
        create schema cpf;
        create table cpf.schema_versions (
            version integer primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now());
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(OldVersion, 33)]
    [InlineData(LaterVersion, 45)]
    [InlineData(ReleasedVersion, 49)]
    public async Task MigrateAsync_OldDatabase_KeepsEveryRow(int version, int tablesOfVersion)
    {
        await using var database = await CreateOldAsync(version);
        var tables = await TablesAsync(database);
        var before = new Dictionary<string, (string[] Columns, List<string> Rows)>();
        foreach (var table in tables)
        {
            var columns = await ColumnsAsync(database, table);
            before[table] = (columns, await RowsAsync(database, table, columns));
        }

        Assert.Equal(tablesOfVersion, tables.Count);
        Assert.All(before, table => Assert.True(table.Value.Rows.Count > 0, $"{table.Key} has no row"));
        Assert.Empty(before.SelectMany(table => WithoutValue(table.Value.Columns, table.Value.Rows).Select(c => $"{table.Key}.{c}")));

        var applied = await new Migrator(database.ConnectionString).MigrateAsync(Token);

        Assert.All(applied, number => Assert.True(number > version));
        foreach (var (table, (columns, rows)) in before)
        {
            Assert.Equal(rows, await RowsAsync(database, table, columns));
        }
    }

    [Fact]
    public async Task MigrateAsync_DatabaseOfVersion9_FillsTheNewColumnsAndTakesNewRevisions()
    {
        await using var database = await CreateOldAsync(OldVersion);
        await new Migrator(database.ConnectionString).MigrateAsync(Token);

        Assert.Equal(
            ["bad rejected 4 ", "coming received 1 ", "gone retracted 6 6", "shoe-1 stored 5 5", "shoe-2 stored 5 5"],
            await TextsAsync(
                database, "select concat_ws(' ', external_id, state, revision, coalesce(applied_revision::text, '')) from cpf.images"));
        Assert.Equal(["0 0 0 "], await TextsAsync(
            database,
            """
            select concat_ws(' ', unreadable, duplicates, cardinality(findings), coalesce(max_retract_share::text, '')) from cpf.feeds
            """));
        Assert.Equal(
            ["bad rejected", "coming received", "gone retracted", "shoe-1 matched", "shoe-2 matched"],
            await TextsAsync(database, "select concat_ws(' ', external_id, status) from cpf.image_status"));
        await database.ExecuteAsync(
            """
            set role cpf_service;
            update cpf.images set revision = 7, applied_revision = 7 where external_id = 'shoe-1';
            update cpf.images set failed_revision = 8, failed_reason = 'not_found', failed_at = now() where external_id = 'shoe-2';
            select cpf.create_embedding_partition(1), cpf.create_embedding_index(1);
            reset role;
            """);
        Assert.Equal(
            ["not_found"],
            await TextsAsync(database, "select failed_reason from cpf.image_status where external_id = 'shoe-2'"));
    }

    private async Task<TestDatabase> CreateOldAsync(int version)
    {
        await using (await databases.CreateAsync(Token))
        {
            // The server has the roles now.
        }

        var database = new TestDatabase(await databases.CreateEmptyAsync(Token));
        await database.ExecuteAsync(Preparation);
        var assembly = typeof(Migrator).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            if (resource.Split('.') is not [.., var file, "sql"])
            {
                continue;
            }

            var number = int.Parse(file.AsSpan(1, 3), null);
            if (number > version)
            {
                break;
            }

            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            var sql = await reader.ReadToEndAsync(Token);
            await database.ExecuteAsync(sql);
            await database.ExecuteAsync(
                "insert into cpf.schema_versions (version, name, sha256) values ($1, $2, $3)", number, file.Split("__", 2)[1],
                Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql))));
            if (number is OldVersion or LaterVersion or ReleasedVersion)
            {
                await database.ExecuteAsync(number switch { OldVersion => Rows, LaterVersion => RowsSince, _ => RowsOfRelease });
            }
        }

        return database;
    }

    private static async Task<List<string>> TablesAsync(TestDatabase database) => await TextsAsync(
        database,
        """
        select c.relname::text
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'cpf'
        where c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'schema_versions' and c.relnatts > 0
        """);

    private static async Task<string[]> ColumnsAsync(TestDatabase database, string table) =>
        [.. await TextsAsync(
            database, $"select column_name::text from information_schema.columns where table_schema = 'cpf' and table_name = '{table}'")];

    // What a migration does to a column is only seen where the column holds a value.
    private static IEnumerable<string> WithoutValue(string[] columns, List<string> rows)
    {
        var read = rows.ConvertAll(row => JsonNode.Parse(row)!);
        return columns.Where(column => !read.Exists(row => row[column] is not null));
    }

    private static Task<List<string>> RowsAsync(TestDatabase database, string table, string[] columns) => TextsAsync(
        database,
        $$"""
        select (select jsonb_object_agg(c.key, c.value)
                from jsonb_each(to_jsonb(t)) c
                where c.key = any(array['{{string.Join("', '", columns)}}']))::text
        from cpf.{{table}} t
        """);

    private static async Task<List<string>> TextsAsync(TestDatabase database, string sql) =>
        [.. (await database.QueryAsync($"select t.* from ({sql}) as t order by 1")).Select(row => (string)row[0]!)];

    private const string Rows = """
        insert into cpf.contents (content_id, sha256, format, width, height, byte_length, state, reject_reason) values
            (1, sha256('1'), 'jpeg', 64, 64, 100, 'stored', null), (2, sha256('2'), 'png', 64, 64, 100, 'stored', null),
            (3, sha256('3'), 'gif', 64, 64, 100, 'undecodable', 'truncated'), (4, sha256('4'), 'gif', 64, 64, 100, 'stored', null);
        insert into cpf.images (image_id, source, external_id, uri, product_key, key_scope, content_id, state, reject_reason,
                                revision) values
            (gen_random_uuid(), 'shop', 'shoe-1', 'https://h/1.jpg', 'gtin:1', 'global', 1, 'stored', null, 5),
            (gen_random_uuid(), 'shop', 'shoe-2', 'https://h/2.png', 'sku-2', 'source', 4, 'stored', null, 4),
            (gen_random_uuid(), 'shop', 'bad', 'https://h/3.gif', null, 'source', null, 'rejected', 'truncated', 4),
            (gen_random_uuid(), 'shop', 'coming', 'https://h/4.gif', null, 'source', null, 'received', null, 1),
            (gen_random_uuid(), 'shop', 'gone', '', null, 'source', 4, 'retracted', null, 6);
        update cpf.images set content_id = 2, revision = 5 where external_id = 'shoe-2';
        insert into cpf.feeds (source, path, format, state, revision, rows_total, rows_read, stored, rejected)
            values ('shop', '/feed.csv', 'csv', 'finished', 5, 3, 3, 2, 1);
        insert into cpf.feed_images select 1, image_id from cpf.images where external_id like 'shoe-%';
        insert into cpf.feed_rejections values (1, 3, 'bad', 'truncated', 'ends too soon');
        insert into cpf.placeholder_overrides (content_id, is_placeholder, who) values (4, true, 'ann');
        insert into cpf.placeholder_events (content_id, is_placeholder, product_keys, who) values (4, true, 1, 'ann');
        insert into cpf.unreferenced_contents (content_id) values (4);
        insert into cpf.backbones (sha256, feature_dim, input_spec, blob_key) values (sha256('b'), 3, '{"size": 224}', 'b');
        insert into cpf.heads (backbone_id, sha256, embedding_dim, blob_key) values (1, sha256('h'), 2, 'h');
        select cpf.create_feature_partition(1), cpf.create_embedding_partition(1);
        insert into cpf.features values (1, 1, '[1,0,0]'), (1, 2, '[1,0,0]');
        insert into cpf.embeddings values (1, 1, '[1,0]'), (1, 2, '[1,0]');
        insert into cpf.models (head_id, threshold, state, report, activated_at) values (1, 0.8, 'active', '{"f1": 0.9}', now());
        insert into cpf.models (head_id, threshold, state, parent_model_id) values (1, 0.7, 'shadow', 1);
        insert into cpf.matches values (1, 1, 2, 1);
        insert into cpf.group_members (model_id, content_id, group_id, component_id, reconciled) values
            (1, 1, 1, 1, true), (1, 2, 1, 1, true), (2, 1, 1, 1, true), (2, 2, 1, 1, false);
        insert into cpf.groups values (1, 1, 2, 1, 1, 1);
        insert into cpf.group_merges values (1, 1, 2, 1);
        insert into cpf.group_events (model_id, kind, content_id, group_id, previous_group_id)
            values (1, 'joined', 1, 1, null), (1, 'merged', 2, 1, 2);
        insert into cpf.reconciles (model_id, started_at, finished_at, contents, gallery, pairs, missed_pairs, recall)
            values (1, now(), now(), 2, 2, 1, 0, 1);
        insert into cpf.verdicts (content_a, content_b, verdict, who) values (1, 2, 'same', 'ann');
        insert into cpf.outbox (type, payload) values ('ContentStored', '{"contentId": 1}');
        insert into cpf.erasures (scope, tombstone, state, finished_at, who, counts, record_hash)
            values ('image', sha256('t'), 'finished', now(), 'officer', '{"images": 1}', sha256('r'));
        insert into cpf.tombstones (hash, kind, erasure_id) values (sha256('t'), 'image', 1);
        insert into cpf.tombstone_key (key_check) values (sha256('k'));
        insert into cpf.training_runs (run_id, kind, trigger, state, step, progress, base_model_id, model_id, report)
            values ('00000000-0000-0000-0000-000000000001', 'training', 'schedule', 'running', 'join', 0.5, 1, 2, '{"f1": 0.91}');
        insert into cpf.training_steps (run_id, step, started_at) values ('00000000-0000-0000-0000-000000000001', 'join', now());
        insert into cpf.model_preparations (model_id, wanted, progress, members) values (2, 'groups', 0.5, 2);
        insert into cpf.model_diffs (model_id, from_model_id, contents, unchanged, merged, split, moved, groups_before, groups_after, churn)
            values (2, 1, 2, 1, 1, 0, 0, 1, 1, 0.5);
        insert into cpf.model_diff_contents values (2, 2, 'merged', 2, 1);
        insert into cpf.erasures (scope, tombstone, content_id, who, note)
            values ('content', sha256('u'), 4, 'officer', 'asked by mail');
        update cpf.contents set reject_detail = 'ends too soon' where content_id = 3;
        update cpf.images set reject_detail = 'ends too soon' where external_id = 'bad';
        update cpf.feeds set started_at = now(), finished_at = now(), keys_path = '/keys.csv', message = 'done';
        update cpf.model_preparations set grouped_at = now(), message = 'half';
        update cpf.models set retired_at = now() where model_id = 2;
        update cpf.placeholder_overrides set note = 'a logo';
        update cpf.training_runs
        set data = '{"splits": 1}', started_at = now(), finished_at = now(), idempotency_key = 'a key', message = 'half',
            report_html = 'a report', snapshot_id = '1';
        update cpf.training_steps set finished_at = now();
        update cpf.verdicts set note = 'seen';
        """;

    private const string RowsOfRelease = """
        insert into cpf.api_keys (key_id, name, roles, sources, secret_sha256, former_sha256, former_until, expires_at, revoked_at,
                                  last_used_at)
            values ('abcdefghijkl', 'ann', '{read,submit}', '{shop}', sha256('s'), sha256('f'), now(), now(), now(), now());
        insert into cpf.browser_links values (sha256('l'), 'abcdefghijkl', now());
        insert into cpf.audit_entries (who, subject, address, act, target, outcome, detail)
            values ('ann', 'key:abcdefghijkl', '127.0.0.1', 'replay', 'images', 'done', 'all');
        """;

    private const string RowsSince = """
        insert into cpf.image_updates (image_id, content_id, uri, product_key, key_scope, revision)
            select image_id, 4, 'https://h/5.jpg', 'gtin:1', 'global', 9 from cpf.images where external_id = 'shoe-1';
        update cpf.images
        set failed_revision = 8, failed_reason = 'not_found', failed_detail = '404', failed_at = now(), feed_id = 1, fetched_at = now()
        where external_id = 'shoe-1';
        insert into cpf.feeds (source, path, format, state, revision) values ('shop', '/by-path.csv', 'csv', 'finished', 6);
        update cpf.feeds
        set max_retract_share = 0.3, path = null, url = 'https://h/f.csv', schedule = 'nightly', charset = 'utf-8', etag = '"e"',
            last_modified = 'then',
            sha256 = sha256('f'), bytes_total = 10, bytes_downloaded = 10, next_attempt_at = now(), quiet_since = now(), live_after = 2,
            unchanged_since = 1
        where feed_id = 1;
        insert into cpf.fetches (image_id, source, external_id, uri, host, product_key, key_scope, revision, feed_id, row_number, attempts,
                                 reason, detail, due_at, leased_until)
            select image_id, source, external_id, uri, 'h:443', 'sku-4', 'source', 1, 1, 4, 2, 'unreachable', 'timed out', now(), now()
            from cpf.images where external_id = 'coming';
        insert into cpf.feed_schedules values
            ('by path', '0 2 * * *', 'UTC', true, 'shop', '/feed.csv', null, 'csv', '/keys.csv', true, 0.3, now(), now(), now(), now(), 1),
            ('by url', '0 2 * * *', 'UTC', false, 'shop', null, 'https://h/f.csv', 'csv', null, false, null, now(), now(), null, null,
             null);
        insert into cpf.kept_locks values ('feed 1', 1, 10, now(), now());
        insert into cpf.page_keys (name, xml) values ('key-1', '<key/>');
        update cpf.models set run_id = '00000000-0000-0000-0000-000000000001' where model_id = 2;
        update cpf.training_runs
        set candidate_head_sha256 = sha256('h'), candidate_embedding_dim = 2, candidate_threshold = 0.7, candidate_passed = true,
            candidate_reason = 'better';
        insert into cpf.review_requests (request_id, who, body_sha256)
            values ('00000000-0000-0000-0000-000000000002', 'ann', sha256('body'));
        insert into cpf.verdict_events (content_a, content_b, verdict_before, verdict_after, who, undoes)
            select 1, 2, 'same', 'different', 'ann', min(seq) from cpf.verdict_events;
        insert into cpf.review_answers (request_id, content_a, content_b, word, who, verdict_seq, settled, undone_at)
            select '00000000-0000-0000-0000-000000000002', 1, 2, 'same', 'ann', min(seq), 1, now() from cpf.verdict_events;
        insert into cpf.contradictions (content_a, content_b, verdict, who, note, links, closing, closed_by, closed_at)
            values (1, 2, 'different', 'ann', 'seen', 1, 'given', 'ben', now());
        insert into cpf.contradiction_links values (1, 0, 1, 2, 'same', 'ann', now());
        insert into cpf.placeholder_words (content_id, word_before, who_before, note_before, word_after, who, note, request_id, undoes)
            select 4, true, 'ann', 'a logo', false, 'ben', 'no logo', '00000000-0000-0000-0000-000000000002', min(seq)
            from cpf.placeholder_words;
        """;
}
