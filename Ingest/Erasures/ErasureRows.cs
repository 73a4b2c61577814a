using System.Text.Json;
using CpfPipeline.Data.Erasures;
using CpfPipeline.Data.Sql;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>The rows of <c>cpf.erasures</c>, in the caller's transaction.</summary>
internal static class ErasureRows
{
    private const string Columns = "erasure_id, scope, tombstone, state, content_id, requested_at, finished_at, who, note, counts::text, "
        + "record_hash";

    /// <summary>The erasure that made the tombstone, or null.</summary>
    public static Task<Erasure?> FindByTombstoneAsync(NpgsqlConnection connection, byte[] tombstone, CancellationToken cancellationToken) =>
        ReadOneAsync(
            connection, "where erasure_id = (select erasure_id from cpf.tombstones where hash = $1)",
            new NpgsqlParameter { Value = tombstone }, cancellationToken);

    /// <summary>The one row that meets the condition, constant SQL with one parameter, or null.</summary>
    public static async Task<Erasure?> ReadOneAsync(
        NpgsqlConnection connection, string condition, NpgsqlParameter parameter, CancellationToken cancellationToken) =>
        (await ReadAsync(connection, condition, parameter, cancellationToken)).SingleOrDefault();

    /// <summary>The rows that meet the condition.</summary>
    public static Task<List<Erasure>> ReadAsync(
        NpgsqlConnection connection, string condition, NpgsqlParameter parameter, CancellationToken cancellationToken) =>
        connection.Sql($"select {Columns} from cpf.erasures {condition}", [parameter]).QueryAsync(
            row => new Erasure(
                row.GetInt64(0), row.GetString(1), row.GetFieldValue<byte[]>(2), row.GetString(3), row.GetOrNull<long>(4),
                row.GetFieldValue<DateTimeOffset>(5), row.GetOrNull<DateTimeOffset>(6), row.GetString(7), row.GetStringOrNull(8),
                JsonSerializer.Deserialize<SortedDictionary<string, long>>(row.GetString(9))!,
                row.IsDBNull(10) ? null : row.GetFieldValue<byte[]>(10)), cancellationToken);

    /// <summary>Writes the request and its tombstone.</summary>
    /// <returns>Its id.</returns>
    public static async Task<long> InsertAsync(
        NpgsqlConnection connection, TombstoneKey key, string scope, byte[] tombstone, long? contentId, ErasureOrder order,
        CancellationToken cancellationToken)
    {
        await TombstoneStore.PinKeyAsync(connection, key, cancellationToken);
        return await connection.Sql(
            """
            with erasure as (
                insert into cpf.erasures (erasure_id, scope, tombstone, content_id, who, note, requested_at) overriding system value
                values (coalesce((select $7 where not exists (select from cpf.erasures where erasure_id = $7)),
                                 nextval('cpf.erasures_erasure_id_seq')), $1, $2, $3, $4, $5, coalesce($6, now()))
                returning erasure_id
            )
            insert into cpf.tombstones (hash, kind, erasure_id) select $2, $1, erasure_id from erasure returning erasure_id
            """, [
                scope, tombstone, new NpgsqlParameter { Value = (object?)contentId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint },
                order.Who, new NpgsqlParameter { Value = (object?)order.Note ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new NpgsqlParameter
                {
                    Value = (object?)order.RequestedAt?.ToUniversalTime() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz,
                },
                new NpgsqlParameter { Value = (object?)order.ErasureId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint },
            ])
            .ScalarAsync<long>(cancellationToken);
    }

    /// <summary>Adds rows removed, by kind, to the receipt.</summary>
    public static async Task AddCountsAsync(
        NpgsqlConnection connection, long erasureId, IReadOnlyDictionary<string, long> counts, CancellationToken cancellationToken)
    {
        await connection.Sql(
            "update cpf.erasures set counts = counts || $2::jsonb where erasure_id = $1", [erasureId, JsonSerializer.Serialize(counts)])
            .WithoutTimeout().ExecuteAsync(cancellationToken);
    }

    /// <summary>Notes that every row is gone, and which bytes are to go.</summary>
    public static async Task PurgeAsync(
        NpgsqlConnection connection, long erasureId, IReadOnlyDictionary<string, long> counts, byte[] sha256,
        CancellationToken cancellationToken)
    {
        await AddCountsAsync(connection, erasureId, counts, cancellationToken);
        await connection.Sql(
            "update cpf.erasures set state = 'purged', content_id = null, sha256 = $2 where erasure_id = $1", [erasureId, sha256])
            .ExecuteAsync(cancellationToken);
    }

    /// <summary>Completes the receipt.</summary>
    public static async Task FinishAsync(
        NpgsqlConnection connection, long erasureId, IReadOnlyDictionary<string, long> counts, CancellationToken cancellationToken)
    {
        await AddCountsAsync(connection, erasureId, counts, cancellationToken);
        var finishedAt = new DateTimeOffset(await connection.Sql("select clock_timestamp()").ScalarAsync<DateTime>(cancellationToken));
        var erasure = await ReadOneAsync(connection, "where erasure_id = $1", new NpgsqlParameter { Value = erasureId }, cancellationToken);
        await connection.Sql(
            """
            update cpf.erasures set state = 'finished', content_id = null, sha256 = null, finished_at = $2, record_hash = $3
            where erasure_id = $1
            """, [erasureId, finishedAt, ErasureReceipt.Hash(erasure! with { FinishedAt = finishedAt })])
                .WithoutTimeout().ExecuteAsync(cancellationToken);
    }

    /// <summary>Whether an image shows the content, or will once it is decoded.</summary>
    public static Task<bool> IsLiveAsync(NpgsqlConnection connection, long contentId, CancellationToken cancellationToken) =>
        connection.Sql(
            """
            select exists (select from cpf.images where content_id = $1 and state = 'stored')
                or exists (select from cpf.image_updates where content_id = $1)
            """, [contentId])
            .WithoutTimeout().ScalarAsync<bool>(cancellationToken);
}
