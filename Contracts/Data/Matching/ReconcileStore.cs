using Npgsql;

namespace CpfPipeline.Data.Matching;

/// <summary>Bookkeeping of reconciles.</summary>
public static class ReconcileStore
{
    /// <summary>Contents that have not been joined exactly against all others yet, smallest first.</summary>
    public static async Task<List<GroupMember>> ReadUnreconciledAsync(NpgsqlConnection connection, long modelId, int limit, CancellationToken cancellationToken)
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
    /// Marks contents as joined against all others, except those that joined after the position the join was made at: who left and came
    /// back meanwhile was placed by a search that nothing has checked yet.
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

    /// <summary>Counts members that are not reconciled (at most <paramref name="limit"/>), and pending ones.</summary>
    public static async Task<(long Unreconciled, long Pending)> CountAsync(NpgsqlConnection connection, long modelId, int limit, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select (select count(*) from (select from cpf.group_members where model_id = $1 and not reconciled limit $2) as u),
                   (select count(*) from cpf.group_members where model_id = $1 and pending)
            """, connection)
        {
            Parameters = { new() { Value = modelId }, new() { Value = limit } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.GetInt64(1));
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
                new() { Value = row.ModelId }, new() { Value = row.StartedAt }, new() { Value = row.FinishedAt }, new() { Value = row.Contents },
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

    /// <summary>Whether a head has its vector index.</summary>
    public static async Task<bool> IsIndexedAsync(NpgsqlConnection connection, long headId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select cpf.has_embedding_index($1)", connection) { Parameters = { new() { Value = headId } } };
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Whether a head has its vector index, and how many members the model has.</summary>
    public static async Task<(bool Indexed, long Members)> ReadIndexStateAsync(
        NpgsqlConnection connection, long headId, long modelId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "select cpf.has_embedding_index($1), (select count(*) from cpf.group_members where model_id = $2)", connection)
        {
            Parameters = { new() { Value = headId }, new() { Value = modelId } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetBoolean(0), reader.GetInt64(1));
    }

    /// <summary>Builds the vector index of a head (writers of its embeddings wait meanwhile); false when it was there.</summary>
    public static async Task<bool> CreateIndexAsync(NpgsqlConnection connection, long headId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select cpf.create_embedding_index($1)", connection)
        {
            CommandTimeout = 0,
            Parameters = { new() { Value = headId } },
        };
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
