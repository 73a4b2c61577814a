using CpfPipeline.Data.Access;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Vocabulary;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Access;

/// <summary>What each database role may do with keys and the audit.</summary>
public sealed class AuditRightsTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("cpf_service", "insert into cpf.audit_entries (who, subject, act, outcome) values ('a', 'b', 'c', 'done')", true)]
    [InlineData("cpf_service", "insert into cpf.audit_entries (who, subject, act, outcome, at) values ('a', 'b', 'c', 'done', now())",
        false)]
    [InlineData("cpf_service", "update cpf.audit_entries set who = 'me'", false)]
    [InlineData("cpf_service", "delete from cpf.audit_entries", false)]
    [InlineData("cpf_service", "truncate cpf.audit_entries", false)]
    [InlineData("cpf_service", "select count(*) from cpf.audit_entries", false)]
    [InlineData("cpf_service", "select count(*) from cpf.audit", false)]
    [InlineData("cpf_service", "select count(*) from cpf.api_keys", true)]
    [InlineData("cpf_service", "update cpf.api_keys set last_used_at = now()", true)]
    [InlineData("cpf_service", "update cpf.api_keys set roles = '{operate}'", false)]
    [InlineData("cpf_service", "update cpf.api_keys set revoked_at = null", false)]
    [InlineData("cpf_service", "delete from cpf.api_keys", false)]
    [InlineData("cpf_service",
        "insert into cpf.api_keys (key_id, name, roles, secret_sha256) values (repeat('a', 12), 'x', '{read}', sha256('x'))", false)]
    [InlineData("cpf_reader", "select count(*) from cpf.audit", false)]
    [InlineData("cpf_reader", "select count(*) from cpf.audit_entries", false)]
    [InlineData("cpf_reader", "select count(*) from cpf.api_keys", false)]
    [InlineData("cpf_reader", "select count(*) from cpf.browser_links", false)]
    [InlineData("cpf_reader", "select count(*) from cpf.browser_sessions", false)]
    [InlineData("cpf_reader", "select count(*) from cpf.source_placeholders", false)]
    [InlineData("cpf_reader", "select count(*) from cpf.placeholders_by_source", true)]
    [InlineData("cpf_service", "update cpf.browser_sessions set expires_at = 'infinity'", false)]
    [InlineData("cpf_auditor", "select count(*) from cpf.match_groups", false)]
    [InlineData("cpf_auditor", "select count(*) from cpf.browser_sessions", false)]
    [InlineData("cpf_auditor", "select count(*) from cpf.audit", true)]
    [InlineData("cpf_auditor", "select count(*) from cpf.audit_entries", false)]
    [InlineData("cpf_auditor", "delete from cpf.audit", false)]
    [InlineData("cpf_auditor", "select count(*) from cpf.api_keys", false)]
    public async Task Statement_OfARole_IsDoneOrRefused(string role, string sql, bool allowed)
    {
        await using var database = await databases.CreateAsync(Token);
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { Options = $"-c role={role}" }.ConnectionString);
        await connection.OpenAsync(Token);
#pragma warning disable CA2100 // The test's own texts.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100

        var error = await Record.ExceptionAsync(() => command.ExecuteNonQueryAsync(Token));

        Assert.Equal(allowed ? null : PostgresErrorCodes.InsufficientPrivilege, (error as PostgresException)?.SqlState);
    }

    [Fact]
    public async Task Roles_ByDefault_NobodyMayReadTheAudit()
    {
        await using var database = await databases.CreateAsync(Token);

        Assert.Equal(0L, await database.ScalarAsync<long>(
            "select count(*) from pg_auth_members where roleid = 'cpf_auditor'::regrole"));
    }

    [Fact]
    public async Task Keys_AddedRotatedAndRevoked_AreInTheAuditWithoutTheirSecrets()
    {
        await using var database = await databases.CreateAsync(Token);
        var register = new ApiKeyRegister(database.DataSource, "ann");
        var text = ApiKeyText.Make();
        Assert.True(await register.AddAsync(new NewApiKey("shop", [AccessRole.Submit], ["a", "b"]), text, Token));
        Assert.False(await register.AddAsync(new NewApiKey("shop", [AccessRole.Read], []), ApiKeyText.Make(), Token));
        var again = ApiKeyText.Make() with { KeyId = text.KeyId };
        Assert.True(await register.RotateAsync(again, TimeSpan.FromDays(1), Token));
        Assert.True(await register.RevokeAsync(text.KeyId, Token));
        Assert.True(await register.AddAsync(new NewApiKey("shop", [AccessRole.Read], []), ApiKeyText.Make(), Token));

        var rows = await database.QueryAsync("select who, act, target, outcome, detail from cpf.audit where who = 'ann' order by seq");
        Assert.Equal(["key.add", "key.rotate", "key.revoke", "key.add"], rows.Select(r => (string)r[1]!));
        Assert.Equal($"key {text.KeyId} shop", rows[0][2]);
        Assert.Equal("roles submit; sources a b", rows[0][4]);
        var all = string.Join('\n', rows.SelectMany(r => r).Select(v => $"{v}"));
        Assert.DoesNotContain(text.Secret, all, StringComparison.Ordinal);
        Assert.DoesNotContain(again.Secret, all, StringComparison.Ordinal);
        var kept = await database.ScalarAsync<string>("select string_agg(k::text, E'\\n') from cpf.api_keys k");
        Assert.DoesNotContain(text.Secret, kept, StringComparison.Ordinal);
    }
}
