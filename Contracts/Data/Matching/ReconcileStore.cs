using Npgsql;

namespace CpfPipeline.Data.Matching;

/// <summary>Bookkeeping of reconciles.</summary>
public static class ReconcileStore
{
    /// <summary>Contents that have not been joined exactly against all others yet, smallest first.</summary>
    public static async Task<List<GroupMember>> ReadUnreconciledAsync(
        NpgsqlConnection connection, long modelId, int limit, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select content_id, group_id, component_id, pending
            from cpf.group_members
            where model_id = $1 and not reconciled
            order by content_id
            limit $2
            """, connection)
        {
            Parameters = { new() { Value = modelId }, new() { Value = limit } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var members = new List<GroupMember>();
        while (await reader.ReadAsync(cancellationToken))
        {
            members.Add(new GroupMember(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetBoolean(3)));
        }

        return members;
    }

    /// <summary>
    /// Marks contents as joined against all others, except those that came in after the position the join was made at. A content that left
    /// and came back meanwhile was placed by a search that nothing has checked yet.
    /// </summary>
    public static async Task MarkReconciledAsync(
        NpgsqlConnection connection, long modelId, IReadOnlyCollection<long> contentIds, long asOfSeq, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            update cpf.group_members m
            set reconciled = true
            where m.model_id = $1 and m.content_id = any($2) and not m.reconciled
              and not exists (select from cpf.group_events e
                              where e.content_id = m.content_id and e.seq > $3 and e.model_id = $1 and e.kind = 'joined')
            """, connection)
        {
            Parameters = { new() { Value = modelId }, new() { Value = contentIds.ToArray() }, new() { Value = asOfSeq } },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Adds a row.</summary>
    public static async Task AddAsync(NpgsqlConnection connection, ReconcileRow row, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into cpf.reconciles (model_id, started_at, finished_at, contents, gallery, pairs, missed_pairs, recall)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            """, connection)
        {
            Parameters =
            {
                new() { Value = row.ModelId }, new() { Value = row.StartedAt }, new() { Value = row.FinishedAt },
                new() { Value = row.Contents },
                new() { Value = row.Gallery }, new() { Value = row.Pairs }, new() { Value = row.MissedPairs }, new() { Value = row.Recall },
            },
        };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The last reconcile under a model, or null.</summary>
    public static async Task<ReconcileRow?> ReadLastAsync(NpgsqlConnection connection, long modelId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select model_id, started_at, finished_at, contents, gallery, pairs, missed_pairs, recall
            from cpf.reconciles
            where model_id = $1
            order by reconcile_id desc
            limit 1
            """, connection)
        {
            Parameters = { new() { Value = modelId } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new ReconcileRow(
                reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetInt64(3),
                reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6), reader.GetDouble(7))
            : null;
    }
}
