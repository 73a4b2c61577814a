using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Data;

/// <summary>The rows of <c>cpf.erasures</c>, in the caller's transaction.</summary>
internal static class ErasureRows
{
    private const string Columns = "erasure_id, scope, tombstone, state, content_id, requested_at, finished_at, who, note, counts::text, record_hash";

    /// <summary>The erasure that made the tombstone, or null.</summary>
    public static Task<Erasure?> FindByTombstoneAsync(NpgsqlConnection connection, byte[] tombstone, CancellationToken cancellationToken) =>
        ReadOneAsync(
            connection, "where erasure_id = (select erasure_id from cpf.tombstones where hash = $1)", new NpgsqlParameter { Value = tombstone }, cancellationToken);

    /// <summary>The one row that meets the condition, constant SQL with one parameter, or null.</summary>
    public static async Task<Erasure?> ReadOneAsync(
        NpgsqlConnection connection, string condition, NpgsqlParameter parameter, CancellationToken cancellationToken) =>
        (await ReadAsync(connection, condition, parameter, cancellationToken)).SingleOrDefault();

    /// <summary>The rows that meet the condition.</summary>
    public static async Task<List<Erasure>> ReadAsync(
        NpgsqlConnection connection, string condition, NpgsqlParameter parameter, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Constant text.
        await using var command = new NpgsqlCommand($"select {Columns} from cpf.erasures {condition}", connection) { Parameters = { parameter } };
#pragma warning restore CA2100
        var erasures = new List<Erasure>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            erasures.Add(new Erasure(
                reader.GetInt64(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2), reader.GetString(3),
                reader.IsDBNull(4) ? null : reader.GetInt64(4),
                reader.GetFieldValue<DateTimeOffset>(5), reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6),
                reader.GetString(7), reader.IsDBNull(8) ? null : reader.GetString(8),
                JsonSerializer.Deserialize<SortedDictionary<string, long>>(reader.GetString(9))!,
                reader.IsDBNull(10) ? null : reader.GetFieldValue<byte[]>(10)));
        }

        return erasures;
    }

    /// <summary>A command that takes its time, with positional parameters.</summary>
    public static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object[] values)
    {
#pragma warning disable CA2100 // Constant text.
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }

    /// <summary>Writes the request and its tombstone.</summary>
    /// <returns>Its id.</returns>
    public static async Task<long> InsertAsync(
        NpgsqlConnection connection, TombstoneKey key, string scope, byte[] tombstone, long? contentId, string who, string? note, CancellationToken cancellationToken)
    {
        await TombstoneStore.PinKeyAsync(connection, key, cancellationToken);
        await using var insert = new NpgsqlCommand(
            """
            with erasure as (
                insert into cpf.erasures (scope, tombstone, content_id, who, note) values ($1, $2, $3, $4, $5) returning erasure_id
            )
            insert into cpf.tombstones (hash, kind, erasure_id) select $2, $1, erasure_id from erasure returning erasure_id
            """, connection)
        {
            Parameters =
            {
                new() { Value = scope }, new() { Value = tombstone },
                new() { Value = (object?)contentId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint },
                new() { Value = who }, new() { Value = (object?)note ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
            },
        };
        return (long)(await insert.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Adds rows removed, by kind, to the receipt.</summary>
    public static async Task AddCountsAsync(
        NpgsqlConnection connection, long erasureId, IReadOnlyDictionary<string, long> counts, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, "update cpf.erasures set counts = counts || $2::jsonb where erasure_id = $1", erasureId, JsonSerializer.Serialize(counts));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Completes the receipt.</summary>
    public static async Task FinishAsync(
        NpgsqlConnection connection, long erasureId, IReadOnlyDictionary<string, long> counts, CancellationToken cancellationToken)
    {
        await AddCountsAsync(connection, erasureId, counts, cancellationToken);
        await using var clock = new NpgsqlCommand("select clock_timestamp()", connection);
        var finishedAt = new DateTimeOffset((DateTime)(await clock.ExecuteScalarAsync(cancellationToken))!);
        var erasure = await ReadOneAsync(connection, "where erasure_id = $1", new NpgsqlParameter { Value = erasureId }, cancellationToken);
        await using var finish = Command(
            connection,
            "update cpf.erasures set state = 'finished', content_id = null, finished_at = $2, record_hash = $3 where erasure_id = $1",
            erasureId, finishedAt, ErasureReceipt.Hash(erasure! with { FinishedAt = finishedAt }));
        await finish.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Whether an image shows the content, or will once it is decoded.</summary>
    public static async Task<bool> IsLiveAsync(NpgsqlConnection connection, long contentId, CancellationToken cancellationToken)
    {
        await using var command = Command(
            connection,
            """
            select exists (select from cpf.images where content_id = $1 and state = 'stored')
                or exists (select from cpf.image_updates where content_id = $1)
            """,
            contentId);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
