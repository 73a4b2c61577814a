using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Matcher.Stores;

/// <summary>Reads a model's groups. All within the caller's connection and transaction.</summary>
internal static class GroupStore
{
    /// <summary>Position of the last committed group event; 0 before the first.</summary>
    public static async Task<long> LastSeqAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        return await connection.Sql("select coalesce(max(seq), 0) from cpf.group_events").ScalarAsync<long>(cancellationToken);
    }

    /// <summary>Position of the last group event that was removed because it was old; 0 before the first.</summary>
    public static Task<long> LastRemovedSeqAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.Sql("select events_removed from cpf.history_marks").ScalarAsync<long>(cancellationToken);

    /// <summary>The contents that joined (true) and left (false) a model after a position, in order.</summary>
    public static async Task<List<(long Seq, long ContentId, bool Joined)>> ReadMovementsAsync(
        NpgsqlConnection connection, long modelId, long afterSeq, CancellationToken cancellationToken)
    {
        return await connection.Sql(
            """
            select seq, content_id, kind = 'joined'
            from cpf.group_events
            where seq > $1 and model_id = $2 and kind in ('joined', 'left')
            order by seq
            """, [afterSeq, modelId]).QueryAsync(row => (row.GetInt64(0), row.GetInt64(1), row.GetBoolean(2)), cancellationToken);
    }

    /// <summary>Members of a group behind a content, by content id.</summary>
    public static Task<List<long>> ReadMemberIdsAsync(
        NpgsqlConnection connection, long modelId, long groupId, long after, int limit, CancellationToken cancellationToken) =>
        connection.Sql(
            """
            select content_id from cpf.group_members where model_id = $1 and group_id = $2 and content_id > $3
            order by content_id limit $4
            """, [modelId, groupId, after, limit]).QueryAsync(row => row.GetInt64(0), cancellationToken);

    /// <summary>The members among given contents.</summary>
    public static Task<List<GroupMember>> ReadMembersAsync(
        NpgsqlConnection connection, long modelId, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken) =>
        ReadMembersAsync(connection, "content_id = any($2)", modelId, contentIds, cancellationToken);

    /// <summary>The members of given components.</summary>
    public static Task<List<GroupMember>> ReadComponentsAsync(
        NpgsqlConnection connection, long modelId, IReadOnlyCollection<long> componentIds, CancellationToken cancellationToken) =>
        ReadMembersAsync(connection, "component_id = any($2)", modelId, componentIds, cancellationToken);

    /// <summary>The members of given groups.</summary>
    public static Task<List<GroupMember>> ReadGroupsAsync(
        NpgsqlConnection connection, long modelId, IReadOnlyCollection<long> groupIds, CancellationToken cancellationToken) =>
        ReadMembersAsync(connection, "group_id = any($2)", modelId, groupIds, cancellationToken);

    /// <summary>The cohesion rows of given groups.</summary>
    public static async Task<List<GroupRow>> ReadGroupRowsAsync(
        NpgsqlConnection connection, long modelId, IReadOnlyCollection<long> groupIds, CancellationToken cancellationToken)
    {
        return await connection.Sql(
            "select group_id, size, min_pair_similarity, medoid, weakest_merge from cpf.groups where model_id = $1 and group_id = any($2)",
            [
                modelId, groupIds.ToArray()
            ])
            .QueryAsync(row =>
                new GroupRow(row.GetInt64(0), row.GetInt32(1), row.GetDouble(2), row.GetInt64(3), row.GetDouble(4)), cancellationToken);
    }

    /// <summary>Sizes of given components.</summary>
    /// <param name="connection">Connection.</param>
    /// <param name="modelId">The model.</param>
    /// <param name="componentIds">The components.</param>
    /// <param name="leaving">Members that do not count as remaining.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<List<ComponentSize>> ReadSizesAsync(
        NpgsqlConnection connection, long modelId, IReadOnlyCollection<long> componentIds, IReadOnlyCollection<long> leaving,
        CancellationToken cancellationToken)
    {
        return await connection.Sql(
            """
            select component_id, count(*)::integer, bool_or(pending), min(content_id) filter (where content_id <> all ($3))
            from cpf.group_members
            where model_id = $1 and component_id = any($2)
            group by component_id
            """, [modelId, componentIds.ToArray(), leaving.ToArray()]).QueryAsync(row => new ComponentSize(
                row.GetInt64(0), row.GetInt32(1), row.GetBoolean(2),
                row.GetOrNull<long>(3)), cancellationToken);
    }

    /// <summary>A component with a pending member, the smallest id first; null when nothing is pending.</summary>
    public static async Task<long?> FindPendingComponentAsync(
        NpgsqlConnection connection, long modelId, long after, CancellationToken cancellationToken)
    {
        return await connection.Sql(
            """
            (select component_id from cpf.group_members where model_id = $1 and pending and component_id > $2 order by component_id limit 1)
            union all
            (select component_id from cpf.group_members where model_id = $1 and pending order by component_id limit 1)
            limit 1
            """, [modelId, after]).ScalarAsync<long?>(cancellationToken);
    }

    private static async Task<List<GroupMember>> ReadMembersAsync(
        NpgsqlConnection connection, string condition, long modelId, IReadOnlyCollection<long> ids, CancellationToken cancellationToken)
    {
        if (ids.Count == 0)
        {
            return [];
        }

        return await connection.Sql(
            "select content_id, group_id, component_id, pending from cpf.group_members where model_id = $1 and " + condition, [
                modelId, ids.ToArray()
            ])
            .QueryAsync(row => new GroupMember(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetBoolean(3)), cancellationToken);
    }
}
