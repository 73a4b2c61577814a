using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Sql;

/// <summary>What <c>cpf_reader</c> may not do: tried as that login, and seen to work where nobody has forbidden it.</summary>
public sealed class ReaderRightsTests(ReaderLogin reader) : IClassFixture<ReaderLogin>
{
    private const int MaxSessions = 20;

    [Theory]
    [InlineData("create temporary table t (a integer)")]
    [InlineData("create temporary view v as select 1")]
    [InlineData("create temporary sequence s")]
    [InlineData("create function pg_temp.f() returns integer language sql as 'select 1'")]
    [InlineData("select lo_create(0)")]
    [InlineData("select lo_creat(-1)")]
    [InlineData("select lo_from_bytea(0, 'x')")]
    [InlineData("select pg_advisory_lock(1)")]
    [InlineData("select pg_advisory_lock(1, 2)")]
    [InlineData("select pg_advisory_lock_shared(1)")]
    [InlineData("select pg_advisory_xact_lock(1)")]
    [InlineData("select pg_advisory_xact_lock_shared(1, 2)")]
    [InlineData("select pg_try_advisory_lock(1)")]
    [InlineData("select pg_try_advisory_lock_shared(1)")]
    [InlineData("select pg_try_advisory_xact_lock(1)")]
    [InlineData("select pg_try_advisory_xact_lock_shared(1)")]
    [InlineData("select pg_logical_emit_message(false, 'x', 'y')")]
    [InlineData("select pg_current_xact_id()")]
    [InlineData("select txid_current()")]
    [InlineData("do $$ begin null; end $$")]
    public async Task Reader_WhatPostgresLetsEverybodyDo_IsRefused(string sql)
    {
        await using var unguarded = await reader.OpenUnguardedAsync();
        await ExecuteAsync(unguarded, sql);

        // It may say that it wants to write.
        await using var guarded = await reader.OpenGuardedAsync();
        await ExecuteAsync(guarded, "set default_transaction_read_only = off");
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, await RefusalAsync(guarded, sql));
    }

    [Theory]
    [InlineData("create table public.t (a integer)")]
    [InlineData("create schema mine")]
    [InlineData("create extension hstore")]
    [InlineData("select * from cpf.images")]
    [InlineData("insert into cpf.verdicts (content_a, content_b, verdict, who) values (1, 2, 'same', 'x')")]
    [InlineData("update cpf.models set state = 'retired'")]
    [InlineData("delete from cpf.kept_locks")]
    [InlineData("truncate cpf.images")]
    [InlineData("begin; lock table cpf.lock_groups in access share mode")]
    [InlineData("select cpf.drop_embedding_partition(1)")]
    [InlineData("set role cpf_service")]
    [InlineData("alter role cpf_reader connection limit -1")]
    [InlineData("alter role cpf_reader superuser")]
    [InlineData("alter role cpf_reader valid until 'infinity'")]
    [InlineData("grant pg_read_all_data to cpf_reader")]
    [InlineData("set temp_file_limit = -1")]
    [InlineData("set log_min_messages = debug1")]
    [InlineData("set log_min_error_statement = error")]
    [InlineData("alter role cpf_reader set log_min_messages = debug1")]
    [InlineData("alter role cpf_reader set temp_file_limit = -1")]
    [InlineData("copy (select 1) to '/tmp/x'")]
    [InlineData("copy (select 1) to program 'true'")]
    [InlineData("select pg_read_file('/etc/passwd')")]
    public async Task Reader_WhatIsOthersAffair_IsRefused(string sql)
    {
        await using var guarded = await reader.OpenGuardedAsync();
        await ExecuteAsync(guarded, "set default_transaction_read_only = off");
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, await RefusalAsync(guarded, sql));
    }

    [Theory]
    [InlineData("statement_timeout", "15min")]
    [InlineData("idle_in_transaction_session_timeout", "5min")]
    [InlineData("lock_timeout", "30s")]
    [InlineData("work_mem", "32MB")]
    [InlineData("hash_mem_multiplier", "1")]
    [InlineData("temp_file_limit", "512MB")]
    [InlineData("log_min_messages", "fatal")]
    [InlineData("log_min_error_statement", "panic")]
    [InlineData("max_parallel_workers_per_gather", "2")]
    [InlineData("default_transaction_read_only", "on")]
    [InlineData("search_path", "cpf, public")]
    public async Task Reader_ItsSession_IsLimited(string setting, string limit)
    {
        await using var guarded = await reader.OpenGuardedAsync();
        Assert.Equal(limit, await ScalarAsync<string>(guarded, $"show {setting}"));
    }

    // Who has a login of his own and is a reader by it is limited alike; who owns or serves the database is not.
    [Fact]
    public async Task Reader_LoginThatWasGrantedTheRole_IsLimitedToo()
    {
        var names = new[] { "person", "service" }.Select(kind => $"cpf_test_{kind}_{Guid.NewGuid():N}").ToArray();
        try
        {
            await reader.Guarded.ExecuteAsync($"create role {names[0]} in role cpf_reader");
            await reader.Guarded.ExecuteAsync($"create role {names[1]} in role cpf_reader, cpf_service");
            await reader.GuardAsync();
            Assert.Equal([names[0]], await reader.Guarded.ScalarAsync<string[]>(
                """
                select array_agg(r.rolname::text) from pg_db_role_setting s join pg_roles r on r.oid = s.setrole
                join pg_database d on d.oid = s.setdatabase and d.datname = current_database()
                where r.rolname = any($1) and 'statement_timeout=15min' = any(s.setconfig) and 'temp_file_limit=512MB' = any(s.setconfig)
                """, (object)names));
        }
        finally
        {
            await reader.Guarded.ExecuteAsync($"drop role if exists {names[0]}");
            await reader.Guarded.ExecuteAsync($"drop role if exists {names[1]}");
        }
    }

    // Of all limits this is one that a reader cannot lift.
    [Fact]
    public async Task Reader_ResetsItsSettings_KeepsTheLimitOfTemporaryFiles()
    {
        await using (var guarded = await reader.OpenGuardedAsync())
        {
            await ExecuteAsync(guarded, "set default_transaction_read_only = off");
            await ExecuteAsync(guarded, $"alter role cpf_reader in database \"{guarded.Database}\" reset all");
        }

        await using var again = await reader.OpenGuardedAsync();
        Assert.Equal("512MB", await ScalarAsync<string>(again, "show temp_file_limit"));
        await reader.GuardAsync();
    }

    [Fact]
    public async Task Reader_MoreSessionsThanAllowed_AreRefused()
    {
        var sessions = new List<NpgsqlConnection>();
        try
        {
            var refusal = await Assert.ThrowsAsync<PostgresException>(async () =>
            {
                while (sessions.Count <= MaxSessions)
                {
                    sessions.Add(await reader.OpenGuardedAsync());
                }
            });
            Assert.Equal(PostgresErrorCodes.TooManyConnections, refusal.SqlState);
        }
        finally
        {
            foreach (var session in sessions)
            {
                await session.DisposeAsync();
            }

            await reader.UntilNobodyIsLoggedInAsync();
        }
    }

    // The memory of a function is its own, whatever the session allows itself.
    [Fact]
    public async Task Functions_ThatReadTheCatalogue_HaveAWorkMemory() =>
        Assert.Equal(
            ["group_at", "group_history", "similar_images", "what_if", "what_if_members", "why"],
            await reader.Guarded.ScalarAsync<string[]>(
                """
                select array_agg(p.proname::text order by p.proname) from pg_proc p
                where p.pronamespace = 'cpf'::regnamespace and has_function_privilege('cpf_reader', p.oid, 'execute')
                  and 'work_mem=64MB' = any(p.proconfig)
                """));

    [Fact]
    public async Task Reader_EveryView_IsReadable()
    {
        await using var guarded = await reader.OpenGuardedAsync();
        var views = await reader.Guarded.ScalarAsync<string[]>(
            """
            select array_agg(c.relname::text) from pg_class c
            where c.relnamespace = 'cpf'::regnamespace and c.relkind = 'v' and has_table_privilege('cpf_reader', c.oid, 'select')
            """);
        Assert.InRange(views.Length, 17, int.MaxValue);
        foreach (var view in views)
        {
            await ExecuteAsync(guarded, $"select * from {view} limit 1");
        }
    }

    // People, too: a login that may read the audit has the limits of a reader.
    [Fact]
    public async Task Auditor_AfterTheScript_HasTheLimitsOfAReader()
    {
        await reader.Guarded.ExecuteAsync("create role cpf_test_auditor nologin in role cpf_auditor");
        try
        {
            await reader.GuardAsync();
            var limits = await reader.Guarded.ScalarAsync<string[]>(
                """
                select s.setconfig from pg_db_role_setting s
                where s.setrole = 'cpf_test_auditor'::regrole
                  and s.setdatabase = (select oid from pg_database where datname = current_database())
                """);
            Assert.Contains("statement_timeout=15min", limits);
            Assert.Contains("temp_file_limit=512MB", limits);
        }
        finally
        {
            await reader.Guarded.ExecuteAsync("drop role cpf_test_auditor");
            await reader.Guarded.ExecuteAsync("alter role cpf_auditor reset all");
        }
    }

    [Fact]
    public async Task Service_TemporaryTables_AreLeftToIt()
    {
        await using var service = await reader.Guarded.DataSource.OpenConnectionAsync();
        await ExecuteAsync(service, "set role cpf_service");
        await ExecuteAsync(service, "create temporary table t (a integer)");
        await ExecuteAsync(service, "drop table t");
        await ExecuteAsync(service, "reset role");
    }

    private static async Task<string> RefusalAsync(NpgsqlConnection connection, string sql) =>
        (await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(connection, sql))).SqlState;

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // Constants of tests.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // Constants of tests.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
