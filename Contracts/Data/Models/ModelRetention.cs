using Npgsql;

namespace CpfPipeline.Data;

/// <summary>Which models stay ready to serve, and what goes of the others.</summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class ModelRetention(NpgsqlDataSource dataSource)
{
    /// <summary>
    /// Drops the embeddings of heads, and the groups of models, that are neither active nor shadow nor candidate nor among the last that were active. Their models
    /// stay in the history and can be activated again from features.
    /// </summary>
    /// <param name="kept">How many retired models stay ready.</param>
    /// <param name="cancellationToken">Cancels; what is dropped stays dropped.</param>
    /// <returns>The heads whose embeddings were dropped.</returns>
    /// <remarks>
    /// A partition can be detached without a moment's lock only outside of transactions and by its owner, which no service is. The lock is waited for half a second
    /// at a time instead, so that nobody queues behind it for longer; what could not be dropped goes the next time.
    /// </remarks>
    public async Task<IReadOnlyList<long>> DropUnusedAsync(int kept, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var (heads, models) = (new List<long>(), new List<long>());
        await using (var find = new NpgsqlCommand(
            """
            with ready as (
                select model_id, head_id from cpf.models where state in ('active', 'shadow', 'candidate')
                union all
                (select model_id, head_id from cpf.models where state = 'retired' order by retired_at desc limit $1)
            )
            select m.head_id, m.model_id, to_regclass('cpf.embeddings_h' || m.head_id) is not null and m.head_id not in (select head_id from ready)
            from cpf.models m
            where m.model_id not in (select model_id from ready)
            order by 1
            """, connection) { Parameters = { new() { Value = kept } } })
        await using (var reader = await find.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                models.Add(reader.GetInt64(1));
                if (reader.GetBoolean(2) && !heads.Contains(reader.GetInt64(0)))
                {
                    heads.Add(reader.GetInt64(0));
                }
            }
        }

        foreach (var table in new[] { "group_members", "groups", "group_merges", "model_stale" })
        {
#pragma warning disable CA2100 // Constant names.
            await using var delete = new NpgsqlCommand(
                $"delete from cpf.{table} t using cpf.models m where t.model_id = any($1) and m.model_id = t.model_id and m.state in ('retired', 'refused')", connection)
#pragma warning restore CA2100
            {
                CommandTimeout = 0,
                Parameters = { new() { Value = models.ToArray() } },
            };
            await delete.ExecuteNonQueryAsync(cancellationToken);
        }

        var dropped = new List<long>();
        foreach (var head in heads)
        {
            // First, and by itself: it takes its time, and a head without embeddings is not found again.
            await ExecuteAsync(connection, "delete from cpf.matches where head_id = $1", head, cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            try
            {
                await using (var patience = new NpgsqlCommand("set local lock_timeout = '500ms'", connection))
                {
                    await patience.ExecuteNonQueryAsync(cancellationToken);
                }

                await ExecuteAsync(connection, "select cpf.drop_embedding_partition($1)", head, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                dropped.Add(head);
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
            {
                await transaction.RollbackAsync(cancellationToken);
            }
        }

        return dropped;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, long id, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Constant text.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0, Parameters = { new() { Value = id } } };
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
