using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Matcher.Handover;

/// <summary>
/// The table <c>cpf.model_stale</c>: contents whose verdicts changed since the groups of a shadow or retired model were computed.
/// </summary>
internal static class ModelStaleStore
{
    /// <summary>
    /// Contents whose verdicts changed since the model's groups were last computed there, with the positions of the marks; the oldest
    /// first.
    /// </summary>
    public static async Task<List<(long ContentId, long Seq)>> ReadAsync(
        NpgsqlConnection connection, long modelId, int limit, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "select content_id, seq from cpf.model_stale where model_id = $1 order by seq limit $2", connection)
        {
            Parameters = { new() { Value = modelId }, new() { Value = limit } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var stale = new List<(long, long)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            stale.Add((reader.GetInt64(0), reader.GetInt64(1)));
        }

        return stale;
    }

    /// <summary>Deletes marks that were read, in the transaction that computed afresh what they stand for.</summary>
    public static Task DeleteAsync(
        NpgsqlConnection connection, long modelId, IReadOnlyCollection<long> seqs, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, "delete from cpf.model_stale where model_id = $1 and seq = any($2)", modelId, seqs, cancellationToken);

    /// <summary>Replaces all marks of a model, in a transaction that holds the group lock.</summary>
    public static async Task ReplaceAsync(
        NpgsqlConnection connection, long modelId, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
    {
        await ExecuteAsync(
            connection, "delete from cpf.model_stale where model_id = $1 and $2 is not null", modelId, [], cancellationToken);
        await ExecuteAsync(
            connection, "insert into cpf.model_stale (model_id, content_id) select $1, t.content_id from unnest($2) as t(content_id)",
            modelId, contentIds, cancellationToken);
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, long modelId, IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Constant text.
        await using var command = new NpgsqlCommand(sql, connection)
#pragma warning restore CA2100
        {
            Parameters =
            {
                new() { Value = modelId }, new() { Value = ids.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
