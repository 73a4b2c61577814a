using CpfPipeline.Data.Schema;
using CpfPipeline.Tests.Integration.Fixtures;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Schema;

public sealed class MigratorTests(TestDatabases databases)
{
    [Fact]
    public async Task MigrateAsync_TwiceAndTogether_AppliesEveryVersionOnce()
    {
        var connection = await databases.CreateEmptyAsync(TestContext.Current.CancellationToken);
        var both = await Task.WhenAll(new Migrator(connection).MigrateAsync(), new Migrator(connection).MigrateAsync());
        var again = await new Migrator(connection).MigrateAsync();

        Assert.NotEmpty(both[0].Concat(both[1]));
        Assert.Empty(both[0].Intersect(both[1]));
        Assert.Empty(again);
    }

    [Fact]
    public async Task MigrateAsync_NewerDatabase_SaysWhichVersions()
    {
        await using var database = await databases.CreateAsync();
        await database.ExecuteAsync("insert into cpf.schema_versions (version, name, sha256) values (9999, 'future', '')");

        var error = await Assert.ThrowsAsync<SchemaMismatchException>(() => new Migrator(database.ConnectionString).MigrateAsync());

        Assert.Contains("9999", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MigrateAsync_EditedMigration_IsRefused()
    {
        await using var database = await databases.CreateAsync();
        await database.ExecuteAsync("update cpf.schema_versions set sha256 = 'other' where version = 1");

        await Assert.ThrowsAsync<SchemaMismatchException>(() => new Migrator(database.ConnectionString).MigrateAsync());
    }

    [Fact]
    public async Task Schema_EveryTableViewColumnAndFunction_HasAComment()
    {
        await using var database = await databases.CreateAsync();
        var missing = await database.QueryAsync(
            """
            select c.relname || coalesce('.' || a.attname, '')
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'cpf'
            left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            where c.relkind in ('r', 'p', 'v') and not c.relispartition
              and (obj_description(c.oid, 'pg_class') is null or a.attnum is not null and col_description(c.oid, a.attnum) is null)
            union all
            select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace and n.nspname = 'cpf'
            where obj_description(p.oid, 'pg_proc') is null
            """);

        Assert.Empty(missing);
    }

    [Fact]
    public async Task Reader_TablesAndViews_SelectsTheViewsAndNothingElse()
    {
        await using var database = await databases.CreateAsync();
        string[] views =
        [
            "match_groups", "match_group_members", "match_pairs", "image_status", "model_history", "placeholders", "group_changes",
            "erasure_receipts",
            "match_verdicts", "verdict_history", "placeholder_changes", "search_recall", "training_history", "model_changes",
            "feed_history", "feed_schedule_status", "group_cohesion", "placeholders_by_source", "history_start",
        ];
        foreach (var view in views)
        {
            await database.ExecuteAsync($"begin; set local role cpf_reader; select * from cpf.{view}; rollback");
        }

        var tables = await database.QueryAsync(
            """
            select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'cpf'
            where c.relkind in ('r', 'p', 'v')
              and (has_table_privilege('cpf_reader', c.oid, 'select') and c.relname <> all ($1)
                   or has_table_privilege('cpf_reader', c.oid, 'insert, update, delete, truncate'))
            """, (object)views);
        Assert.Empty(tables);
        var error = await Assert.ThrowsAsync<PostgresException>(
            () => database.ExecuteAsync("begin; set local role cpf_reader; select * from cpf.images; rollback"));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, error.SqlState);
    }

    [Fact]
    public async Task Partitions_MadeByTheServiceRole_TakeOnlyTheRightDimension()
    {
        await using var database = await databases.CreateAsync();
        await database.ExecuteAsync(
            """
            insert into cpf.backbones (sha256, feature_dim, input_spec, blob_key) values (sha256('b'), 3, '{}', 'b');
            insert into cpf.heads (backbone_id, sha256, embedding_dim, blob_key) values (1, sha256('h'), 2, 'h');
            set role cpf_service;
            select cpf.create_feature_partition(1), cpf.create_embedding_partition(1), cpf.create_embedding_partition(1);
            insert into cpf.embeddings (head_id, content_id, embedding) values (1, 1, '[1,0]');
            select cpf.create_embedding_index(1);
            reset role;
            """);

        Assert.True(await database.ScalarAsync<bool>("select cpf.has_embedding_index(1)"));
        var error = await Assert.ThrowsAsync<PostgresException>(
            () => database.ExecuteAsync("insert into cpf.embeddings (head_id, content_id, embedding) values (1, 2, '[1,0,0]')"));
        Assert.Equal(PostgresErrorCodes.CheckViolation, error.SqlState);
    }
}
