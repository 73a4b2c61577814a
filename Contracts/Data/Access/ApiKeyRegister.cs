using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Access;

/// <summary>
/// Makes, lists, rotates and revokes keys, with the rights of the schema's owner. Each change and its row of the audit are one transaction.
/// </summary>
/// <param name="dataSource">Connects as the owner.</param>
/// <param name="who">Who does it, for the audit.</param>
public sealed class ApiKeyRegister(NpgsqlDataSource dataSource, string who)
{
    /// <summary>Adds a key.</summary>
    /// <param name="key">Without a problem; see <see cref="NewApiKey.Problem"/>.</param>
    /// <param name="text">Its text.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>false: a valid key has this name.</returns>
    public async Task<bool> AddAsync(NewApiKey key, ApiKeyText text, CancellationToken cancellationToken) =>
        await ChangeAsync(
            "key.add",
            (connection, token) => connection.Sql(
                $"""
                insert into cpf.api_keys (key_id, name, roles, sources, secret_sha256, expires_at, global_keys)
                values ($1, $2, $3, $4, $5, $6, $7)
                on conflict (name) where revoked_at is null do nothing
                returning {ApiKeyStore.ColumnNames}
                """,
                [
                    text.KeyId, key.Name, key.Roles.Distinct().ToArray(), key.Sources.Distinct().ToArray(), text.Sha256(),
                    new NpgsqlParameter
                    {
                        Value = (object?)key.ExpiresAt?.ToUniversalTime() ?? DBNull.Value,
                        NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz,
                    },
                    key.GlobalKeys,
                ]).FirstOrDefaultAsync(ApiKeyStore.Read, token),
            added => $"roles {string.Join(' ', added.Roles)}"
                + (added.Sources.Count == 0 ? "" : $"; sources {string.Join(' ', added.Sources)}")
                + (added.Sources.Count > 0 && added.GlobalKeys ? "; global product keys" : "")
                + (added.ExpiresAt is { } end ? $"; until {end:u}" : ""),
            cancellationToken) is not null;

    /// <summary>All keys, revoked ones last.</summary>
    public Task<List<ApiKey>> ListAsync(CancellationToken cancellationToken) =>
        dataSource.Sql(ApiKeyStore.Columns + "order by revoked_at is not null, name, created_at")
            .QueryAsync(ApiKeyStore.Read, cancellationToken);

    /// <summary>Finds a key by its id, or a valid one by its name.</summary>
    public Task<ApiKey?> FindAsync(string nameOrId, CancellationToken cancellationToken) => dataSource.Sql(
        ApiKeyStore.Columns + "where key_id = $1 or (name = $1 and revoked_at is null) order by key_id = $1 desc limit 1", [nameOrId])
        .FirstOrDefaultAsync(ApiKeyStore.Read, cancellationToken);

    /// <summary>Gives a valid key a new secret; the one before is taken for a while.</summary>
    /// <param name="text">The key with its new secret.</param>
    /// <param name="former">How long the secret before is taken, too.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>false: there is no such key, or it was revoked.</returns>
    public async Task<bool> RotateAsync(ApiKeyText text, TimeSpan former, CancellationToken cancellationToken) =>
        await ChangeAsync(
            "key.rotate",
            (connection, token) => connection.Sql(
                $"""
                update cpf.api_keys set former_sha256 = secret_sha256, former_until = now() + $3, secret_sha256 = $2
                where key_id = $1 and revoked_at is null
                returning {ApiKeyStore.ColumnNames}
                """,
                [text.KeyId, text.Sha256(), former]).FirstOrDefaultAsync(ApiKeyStore.Read, token),
            rotated => former > TimeSpan.Zero
                ? $"the secret before is taken until {rotated.FormerUntil:u}" : "the secret before is taken no more",
            cancellationToken) is not null;

    /// <summary>Revokes a key. Links for browsers that it asked for end with it.</summary>
    /// <returns>false: there is no such key, or it was revoked before.</returns>
    public async Task<bool> RevokeAsync(string keyId, CancellationToken cancellationToken) =>
        await ChangeAsync(
            "key.revoke",
            (connection, token) => connection.Sql(
                $"""
                update cpf.api_keys set revoked_at = now() where key_id = $1 and revoked_at is null
                returning {ApiKeyStore.ColumnNames}
                """,
                [keyId]).FirstOrDefaultAsync(ApiKeyStore.Read, token),
            _ => null,
            cancellationToken) is not null;

    /// <summary>Signs out the browsers of a key or person.</summary>
    /// <param name="nameOrSubject">Its name, or <c>key:ID</c> or <c>token:SUBJECT</c>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>How many there were.</returns>
    public async Task<int> SignOutAsync(string nameOrSubject, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var ended = await connection.Sql("delete from cpf.browser_sessions where name = $1 or subject = $1", [nameOrSubject])
            .ExecuteAsync(cancellationToken);
        await AppendAsync(connection, "sign-out", nameOrSubject, $"{ended} browsers", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return ended;
    }

    private async Task<ApiKey?> ChangeAsync(
        string act, Func<NpgsqlConnection, CancellationToken, Task<ApiKey?>> change, Func<ApiKey, string?> detail,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await change(connection, cancellationToken) is not { } key)
        {
            return null;
        }

        await AppendAsync(connection, act, $"key {key.KeyId} {key.Name}", detail(key), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return key;
    }

    private async Task AppendAsync(
        NpgsqlConnection connection, string act, string target, string? detail, CancellationToken cancellationToken)
    {
        var role = await connection.Sql("select current_user::text").ScalarAsync<string>(cancellationToken);
        await AuditStore.AppendAsync(
            connection, new AuditEntry(new Actor(who, $"database:{role}", null), act, target, AuditOutcome.WasDone, detail),
            cancellationToken);
    }
}
