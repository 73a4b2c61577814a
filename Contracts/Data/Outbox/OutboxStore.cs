using System.Text.Json;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Outbox;

/// <summary>
/// The outbox. A message is written in the transaction of the change, published after the commit, and deleted once the broker has confirmed
/// it. After a crash in between it may be published twice, but it is never lost.
/// </summary>
public static class OutboxStore
{
    /// <summary>How message records are written: camelCase, nulls left out.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Adds messages to the caller's transaction.</summary>
    /// <param name="connection">Open connection with a running transaction.</param>
    /// <param name="messages">Records of CpfPipeline.Contracts.</param>
    /// <param name="cancellationToken">Cancels the command.</param>
    /// <returns>The rows, to be handed to the dispatcher after the commit.</returns>
    public static async Task<IReadOnlyList<OutboxMessage>> AppendAsync(
        NpgsqlConnection connection, IReadOnlyCollection<object> messages, CancellationToken cancellationToken)
    {
        if (messages.Count == 0)
        {
            return [];
        }

        var types = messages.Select(m => m.GetType().Name).ToArray();
        var payloads = messages.Select(m => JsonSerializer.Serialize(m, m.GetType(), Json)).ToArray();
        var trace = OutboxTrace.Current();
        var seqs = await connection.Sql(
            """
            insert into cpf.outbox (type, payload, trace)
            select t.type, t.payload::jsonb, $3::text
            from unnest($1, $2) with ordinality as t(type, payload, n)
            order by t.n
            returning seq
            """, [types, payloads, trace]).QueryAsync(row => row.GetInt64(0), cancellationToken);
        return [.. seqs.Select((seq, n) => new OutboxMessage(seq, types[n], payloads[n], trace))];
    }

    /// <summary>
    /// Locks and reads messages that no other process is publishing, and that are not put off. The caller's transaction holds the locks.
    /// </summary>
    /// <param name="connection">Connection.</param>
    /// <param name="types">Names of the wanted messages, so that others do not fill the page.</param>
    /// <param name="olderThan">Skips newer ones.</param>
    /// <param name="afterSeq">Starts after this position.</param>
    /// <param name="limit">How many.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<IReadOnlyList<OutboxMessage>> LockAbandonedAsync(
        NpgsqlConnection connection, IReadOnlyCollection<string> types, TimeSpan olderThan, long afterSeq, int limit,
        CancellationToken cancellationToken)
    {
        return await connection.Sql(
            """
            select seq, type, payload::text, trace
            from cpf.outbox
            where created_at < now() - $1 and seq > $2 and type = any($3) and (not_before is null or not_before <= now())
            order by seq
            limit $4
            for update skip locked
            """, [olderThan, afterSeq, types.ToArray(), limit])
            .QueryAsync(
                row => new OutboxMessage(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetStringOrNull(3)), cancellationToken);
    }

    /// <summary>How many messages older than <paramref name="olderThan"/> there are of other types, by type.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> CountOthersAsync(
        NpgsqlConnection connection, IReadOnlyCollection<string> types, TimeSpan olderThan, CancellationToken cancellationToken)
    {
        var counts = await connection.Sql(
            "select type, count(*) from cpf.outbox where created_at < now() - $1 and type <> all ($2) group by type",
            [olderThan, types.ToArray()])
            .QueryAsync(row => (Type: row.GetString(0), Count: row.GetInt64(1)), cancellationToken);
        return counts.ToDictionary(c => c.Type, c => c.Count, StringComparer.Ordinal);
    }

    /// <summary>Puts messages off that the broker refused: for five seconds, and for twice as long each time, up to ten minutes.</summary>
    public static async Task PutOffAsync(NpgsqlConnection connection, IReadOnlyCollection<long> seqs, CancellationToken cancellationToken)
    {
        if (seqs.Count > 0)
        {
            await connection.Sql(
                """
                update cpf.outbox
                set refusals = refusals + 1,
                    not_before = now() + least(interval '10 minutes', interval '5 seconds' * 2 ^ least(refusals, 10))
                where seq = any($1)
                """, [seqs.ToArray()]).ExecuteAsync(cancellationToken);
        }
    }

    /// <summary>How many messages the broker has refused so far, by type.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> CountRefusedAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var counts = await connection.Sql("select type, count(*) from cpf.outbox where refusals > 0 group by type")
            .QueryAsync(row => (Type: row.GetString(0), Count: row.GetInt64(1)), cancellationToken);
        return counts.ToDictionary(c => c.Type, c => c.Count, StringComparer.Ordinal);
    }

    /// <summary>Deletes messages that the broker has confirmed.</summary>
    public static async Task DeleteAsync(NpgsqlConnection connection, IReadOnlyCollection<long> seqs, CancellationToken cancellationToken)
    {
        await connection.Sql("delete from cpf.outbox where seq = any($1)", [seqs.ToArray()]).ExecuteAsync(cancellationToken);
    }
}
