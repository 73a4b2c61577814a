using System.Security.Cryptography;
using System.Text;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Access;

/// <summary>Links that sign a browser in, once. What the link holds is 256 random bits; only its hash is kept.</summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class BrowserLinkStore(NpgsqlDataSource dataSource)
{
    private const int TokenBytes = 32;

    /// <summary>How long a link can be used.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    /// <summary>Makes a link for a key.</summary>
    /// <returns>What the link holds, in hex.</returns>
    public async Task<string> MakeAsync(string keyId, CancellationToken cancellationToken)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
        await dataSource.Sql(
            """
            with expired as (delete from cpf.browser_links where expires_at < now())
            insert into cpf.browser_links (token_sha256, key_id, expires_at) values ($1, $2, now() + $3)
            """,
            [Hash(token), keyId, Lifetime]).ExecuteAsync(cancellationToken);
        return token;
    }

    /// <summary>Uses a link up.</summary>
    /// <returns>The key that it is for; null: there is none, it has expired, or it was used before.</returns>
    public Task<string?> TakeAsync(string token, CancellationToken cancellationToken) => dataSource.Sql(
        "delete from cpf.browser_links where token_sha256 = $1 and expires_at > now() returning key_id", [Hash(token)])
        .ScalarAsync<string?>(cancellationToken);

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
