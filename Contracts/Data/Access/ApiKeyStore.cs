using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Access;

/// <summary>Finds keys, with the rights of a service.</summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class ApiKeyStore(NpgsqlDataSource dataSource)
{
    /// <summary>How exactly the last use is kept.</summary>
    public static readonly TimeSpan UseInterval = TimeSpan.FromMinutes(10);

    internal const string ColumnNames =
        "key_id, name, roles, sources, secret_sha256, former_sha256, former_until, created_at, expires_at, revoked_at, last_used_at, "
        + "global_keys";

    internal const string Columns = $"select {ColumnNames} from cpf.api_keys ";

    /// <summary>A key by its public id, valid or not; null when there is none.</summary>
    public Task<ApiKey?> FindAsync(string keyId, CancellationToken cancellationToken) =>
        dataSource.Sql(Columns + "where key_id = $1", [keyId]).FirstOrDefaultAsync(Read, cancellationToken);

    /// <summary>Notes that a key is used, unless that was noted lately.</summary>
    public Task NoteUseAsync(string keyId, DateTimeOffset now, CancellationToken cancellationToken) => dataSource.Sql(
        "update cpf.api_keys set last_used_at = $2 where key_id = $1 and (last_used_at is null or last_used_at < $3)",
        [keyId, now.ToUniversalTime(), (now - UseInterval).ToUniversalTime()]).ExecuteAsync(cancellationToken);

    internal static ApiKey Read(NpgsqlDataReader row) => new()
    {
        KeyId = row.GetString(0),
        Name = row.GetString(1),
        Roles = row.GetFieldValue<string[]>(2),
        Sources = row.GetFieldValue<string[]>(3),
        SecretSha256 = row.GetFieldValue<byte[]>(4),
        FormerSha256 = row.IsDBNull(5) ? null : row.GetFieldValue<byte[]>(5),
        FormerUntil = row.GetOrNull<DateTimeOffset>(6),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(7),
        ExpiresAt = row.GetOrNull<DateTimeOffset>(8),
        RevokedAt = row.GetOrNull<DateTimeOffset>(9),
        LastUsedAt = row.GetOrNull<DateTimeOffset>(10),
        GlobalKeys = row.GetBoolean(11),
    };
}
