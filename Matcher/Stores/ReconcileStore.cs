using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Matcher.Stores;

/// <summary>Bookkeeping of reconciles.</summary>
internal static class ReconcileStore
{
    /// <summary>Contents that have not been joined exactly against all others yet, smallest first.</summary>
    public static async Task<List<GroupMember>> ReadUnreconciledAsync(
        NpgsqlConnection connection, long modelId, int limit, CancellationToken cancellationToken)
    {
        return await connection.Sql(
            """
            select content_id, group_id, component_id, pending
            from cpf.group_members
            where model_id = $1 and not reconciled
            order by content_id
            limit $2
            """, [modelId, limit])
            .QueryAsync(row => new GroupMember(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetBoolean(3)), cancellationToken);
    }

    /// <summary>
    /// Marks contents as joined against all others, except those that came in after the position the join was made at. A content that left
    /// and came back meanwhile was placed by a search that nothing has checked yet.
    /// </summary>
    public static async Task MarkReconciledAsync(
        NpgsqlConnection connection, long modelId, IReadOnlyCollection<long> contentIds, long asOfSeq, CancellationToken cancellationToken)
    {
        await connection.Sql(
            """
            update cpf.group_members m
            set reconciled = true
            where m.model_id = $1 and m.content_id = any($2) and not m.reconciled
              and not exists (select from cpf.group_events e
                              where e.content_id = m.content_id and e.seq > $3 and e.model_id = $1 and e.kind = 'joined')
            """, [modelId, contentIds.ToArray(), asOfSeq]).ExecuteAsync(cancellationToken);
    }

    /// <summary>Adds a row.</summary>
    public static async Task AddAsync(NpgsqlConnection connection, ReconcileRow row, CancellationToken cancellationToken)
    {
        await connection.Sql(
            """
            insert into cpf.reconciles (model_id, started_at, finished_at, contents, gallery, pairs, missed_pairs, recall)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            """, [row.ModelId, row.StartedAt, row.FinishedAt, row.Contents, row.Gallery, row.Pairs, row.MissedPairs, row.Recall])
            .ExecuteAsync(cancellationToken);
    }

    /// <summary>The last reconcile under a model, or null.</summary>
    public static async Task<ReconcileRow?> ReadLastAsync(NpgsqlConnection connection, long modelId, CancellationToken cancellationToken)
    {
        return await connection.Sql(
            """
            select model_id, started_at, finished_at, contents, gallery, pairs, missed_pairs, recall
            from cpf.reconciles
            where model_id = $1
            order by reconcile_id desc
            limit 1
            """, [modelId]).FirstOrDefaultAsync(row => new ReconcileRow(
                row.GetInt64(0), row.GetFieldValue<DateTimeOffset>(1), row.GetFieldValue<DateTimeOffset>(2), row.GetInt64(3),
                row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetDouble(7)), cancellationToken);
    }
}
