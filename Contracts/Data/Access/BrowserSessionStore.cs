using System.Security.Cryptography;
using System.Text;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Access;

/// <summary>
/// Browsers that are signed in. What a cookie holds of its session is 256 random bits; only their hash is kept, and without the row the
/// cookie opens nothing.
/// </summary>
/// <param name="dataSource">Makes connections.</param>
public sealed class BrowserSessionStore(NpgsqlDataSource dataSource)
{
    private const int TokenBytes = 32;

    /// <summary>Begins a session, with its row of the audit.</summary>
    /// <returns>What the cookie holds.</returns>
    public async Task<string> BeginAsync(Actor who, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.Sql(
            """
            with expired as (delete from cpf.browser_sessions where expires_at < now())
            insert into cpf.browser_sessions (session_sha256, subject, name, expires_at) values ($1, $2, $3, now() + $4)
            """,
            [Hash(token), who.Subject, who.Name, lifetime]).ExecuteAsync(cancellationToken);
        await AuditStore.AppendAsync(connection, new AuditEntry(who, "sign-in"), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return token;
    }

    /// <summary>Whether a session goes on.</summary>
    public Task<bool> IsOpenAsync(string token, CancellationToken cancellationToken) => dataSource.Sql(
        "select exists (select from cpf.browser_sessions where session_sha256 = $1 and expires_at > now())", [Hash(token)])
        .ScalarAsync<bool>(cancellationToken);

    /// <summary>Ends a session.</summary>
    public Task EndAsync(string token, CancellationToken cancellationToken) => dataSource.Sql(
        "delete from cpf.browser_sessions where session_sha256 = $1", [Hash(token)]).ExecuteAsync(cancellationToken);

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
