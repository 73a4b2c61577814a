using CpfPipeline.Tests.Integration.Fixtures;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Sql;

/// <summary>
/// What data teams build on stays: <c>reader-interface.txt</c> holds names, columns, types and order of all that <c>cpf_reader</c> may use.
/// Columns may be appended to a view and functions added, in the file too; nothing that is there may change.
/// </summary>
public sealed class ReaderInterfaceTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Interface_EveryViewAndFunction_IsAsPromised()
    {
        await using var database = await databases.CreateAsync(Token);
        var promised = await File.ReadAllTextAsync(
            Path.Combine(Repository.Root(), "tests", "Integration", "Sql", "reader-interface.txt"), Token);

        var rows = await database.QueryAsync(
            """
            select 'view cpf.' || c.relname || E'\n' || string_agg('    ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod),
                E'\n' order by a.attnum)
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'cpf'
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            where c.relkind in ('r', 'p', 'v', 'm', 'f') and has_table_privilege('cpf_reader', c.oid, 'select')
            group by c.relname
            union all
            select 'function cpf.' || p.proname || '(' || pg_get_function_arguments(p.oid) || E')\n    '
                   || regexp_replace(regexp_replace(pg_get_function_result(p.oid), '^TABLE\((.*)\)$', '\1'), ', ', E'\n    ', 'g')
            from pg_proc p
            join pg_namespace n on n.oid = p.pronamespace and n.nspname = 'cpf'
            where has_function_privilege('cpf_reader', p.oid, 'execute')
            order by 1
            """);

        Assert.Equal(
            promised.Trim().Split("\n\n").Order(StringComparer.Ordinal), rows.Select(r => (string)r[0]!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Interface_EveryFunction_DocumentsItsColumns()
    {
        await using var database = await databases.CreateAsync(Token);

        var undocumented = await database.QueryAsync(
            """
            select p.proname, a.name
            from pg_proc p
            join pg_namespace n on n.oid = p.pronamespace and n.nspname = 'cpf'
            cross join lateral unnest(p.proargnames, p.proargmodes) as a(name, mode)
            where has_function_privilege('cpf_reader', p.oid, 'execute') and a.mode = 't'
              and obj_description(p.oid, 'pg_proc') !~ ('\m' || a.name || '\M')
            """);

        Assert.Empty(undocumented);
    }

    [Fact]
    public async Task Reader_Alone_UsesViewsAndFunctionsAndNothingElse()
    {
        await using var database = await databases.CreateAsync(Token);
        await Market.SeedAsync(database, Token);
        var team = new DataTeam(database);
        foreach (var view in new[] { "match_groups", "match_group_members", "match_pairs", "image_status", "model_history", "placeholders",
            "group_changes", "training_history", "model_changes", "group_cohesion" })
        {
            Assert.NotEmpty((await team.AskAsync($"select * from cpf.{view}")).Rows);
        }

        const string One = "(select image_id from cpf.image_status where external_id = '4711-front')";
        foreach (var call in new[]
        {
            $"why({One}, {One})", $"similar_images({One}, 3)", $"group_at({One}, now())", $"group_history({One})", "what_if(0.9)",
                "what_if_members(0.9)", "active_model()",
            "is_placeholder(6)", "product_key_count(6)",
        })
        {
            Assert.NotEmpty((await team.AskAsync($"select * from cpf.{call}")).Rows);
        }

        foreach (var table in await database.QueryAsync(
            """
            select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'cpf'
                where c.relkind in ('r', 'p')
            """))
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => team.AskAsync($"select * from cpf.{table[0]}"));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }

        foreach (var call in new[] { "exact_similarity('[1]', '[1]')", "verdict_merges(1)", "mean_similarity(1, 1, 7)",
            "shortest_chain(1, 1, 2, '{}')", "require_active_model()" })
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => team.AskAsync($"select cpf.{call}"));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    [Fact]
    public async Task Functions_ThatRunAsTheOwner_FixTheirSearchPathAndAreNotPublic()
    {
        await using var database = await databases.CreateAsync(Token);

        var open = await database.QueryAsync(
            """
            select p.proname
            from pg_proc p
            join pg_namespace n on n.oid = p.pronamespace and n.nspname = 'cpf'
            where p.prosecdef and not coalesce('search_path=cpf, public, pg_temp' = any(p.proconfig), false)
               or p.proacl is null
               or exists (select from aclexplode(p.proacl) a where a.grantee = 0)
            """);

        Assert.Empty(open);
    }

    [Fact]
    public async Task Functions_TemporaryTablesOfTheCaller_DoNotStandInForTheirs()
    {
        await using var database = await databases.CreateAsync(Token);
        await Market.SeedAsync(database, Token);
        await using var connection = await database.DataSource.OpenConnectionAsync(Token);
        await using var command = new NpgsqlCommand(
            """
            set role cpf_reader;
            create temp table models as select 0::bigint as model_id, 'active'::text as state;
            create temp table verdicts as select 1::bigint as content_a, 3::bigint as content_b, 'different'::text as verdict;
            set search_path = pg_temp, cpf, public;
            select a.image_id, b.image_id from cpf.image_status a, cpf.image_status b where a.external_id = '4711-front'
                and b.external_id = 'c-9';
            """, connection);
        Guid a, b;
        await using (var reader = await command.ExecuteReaderAsync(Token))
        {
            Assert.True(await reader.ReadAsync(Token));
            (a, b) = (reader.GetGuid(0), reader.GetGuid(1));
        }

        await using var why = new NpgsqlCommand("select verdict is null and model_id = 2 from cpf.why($1, $2) where step = 0",
            connection) { Parameters = { new() { Value = a }, new() { Value = b } } };
        Assert.True((bool)(await why.ExecuteScalarAsync(Token))!);
    }
}
