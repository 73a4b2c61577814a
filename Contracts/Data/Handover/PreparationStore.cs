using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Sql;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Data.Handover;

/// <summary>What is asked of the Matcher for the shadow model (<c>cpf.model_preparations</c>, <c>cpf.model_stale</c>), and its reports.</summary>
public static class PreparationStore
{
    /// <summary>The preparation of the shadow; null when there is none.</summary>
    public static async Task<Preparation?> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        return await connection.Sql(
            """
            select p.model_id, p.wanted, p.grouped_at, p.progress, p.members, p.message
            from cpf.model_preparations p
            join cpf.models m using (model_id)
            where m.state = 'shadow'
            """).FirstOrDefaultAsync(row => new Preparation(
                row.GetInt64(0), row.GetString(1), row.GetOrNull<DateTimeOffset>(2),
                row.GetFloat(3), row.GetInt64(4), row.GetStringOrNull(5)), cancellationToken);
    }

    /// <summary>Tells how far the Matcher is.</summary>
    /// <returns>false: nobody asks for it any more.</returns>
    public static Task<bool> ReportAsync(
        NpgsqlConnection connection, long modelId, double progress, string message, CancellationToken cancellationToken) =>
        UpdateAsync(connection, "progress = $2, message = $3", modelId, (float)progress, message, cancellationToken);

    /// <summary>Everything that was live has its group: sets when, the first time, and counts the members.</summary>
    /// <returns>false: nobody asks for it any more.</returns>
    public static Task<bool> ReportGroupedAsync(NpgsqlConnection connection, long modelId, string message, CancellationToken cancellationToken) =>
        UpdateAsync(
            connection,
            """
            progress = $2, message = $3, grouped_at = coalesce(grouped_at, statement_timestamp()),
            members = (select count(*) from cpf.group_members where model_id = $1)
            """, modelId, 1, message, cancellationToken);

    /// <summary>
    /// Locks the wish that a shadow becomes the active model, and whoever would change models at the same time, in the caller's transaction, which holds the group lock.
    /// </summary>
    /// <returns>The active model; null: there is no such wish, or it is not the shadow.</returns>
    public static async Task<long?> LockActivationAsync(NpgsqlConnection connection, long modelId, CancellationToken cancellationToken)
    {
        // The lock of ModelTransitions comes first: the models' rows are held for share next, and for update at the end.
        await TransactionLocks.TakeModelsAsync(connection, cancellationToken);
        return await connection.Sql(
            """
            select a.model_id
            from cpf.model_preparations p
            join cpf.models m using (model_id)
            join cpf.models a on a.state = 'active'
            where p.model_id = $1 and p.wanted = 'activation' and m.state = 'shadow'
            for update of p
            """, [modelId]).ScalarAsync<long?>(cancellationToken);
    }

    /// <summary>Contents whose verdicts changed since the model's groups were last computed there, with the positions of the marks; the oldest first.</summary>
    public static async Task<List<(long ContentId, long Seq)>> ReadStaleAsync(
        NpgsqlConnection connection, long modelId, int limit, CancellationToken cancellationToken)
    {
        return await connection.Sql("select content_id, seq from cpf.model_stale where model_id = $1 order by seq limit $2", [
            modelId, limit
        ])
            .QueryAsync(row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken);
    }

    /// <summary>Deletes marks that were read, in the transaction that computed afresh what they stand for.</summary>
    public static Task DeleteStaleAsync(NpgsqlConnection connection, long modelId, IReadOnlyCollection<long> seqs, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, "delete from cpf.model_stale where model_id = $1 and seq = any($2)", modelId, seqs, cancellationToken);

    /// <summary>Replaces all marks of a model, in a transaction that holds the group lock.</summary>
    public static async Task ReplaceStaleAsync(NpgsqlConnection connection, long modelId, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
    {
        await ExecuteAsync(connection, "delete from cpf.model_stale where model_id = $1 and $2 is not null", modelId, [], cancellationToken);
        await ExecuteAsync(
            connection, "insert into cpf.model_stale (model_id, content_id) select $1, t.content_id from unnest($2) as t(content_id)", modelId, contentIds, cancellationToken);
    }

    private static async Task<bool> UpdateAsync(
        NpgsqlConnection connection, string assignments, long modelId, float progress, string message, CancellationToken cancellationToken)
    {
        return await connection.Sql(
            $"""
            update cpf.model_preparations p
            set {assignments}, updated_at = statement_timestamp()
            from cpf.models m
            where p.model_id = $1 and m.model_id = $1 and m.state = 'shadow'
            """, [modelId, progress, message]).ExecuteAsync(cancellationToken) > 0;
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, long modelId, IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        await connection.Sql(sql, [
            modelId, new NpgsqlParameter { Value = ids.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint }
        ])
            .ExecuteAsync(cancellationToken);
    }
}
