using CpfPipeline.Data.Sql;
using CpfPipeline.Matcher.Stores;
using Npgsql;

namespace CpfPipeline.Matcher.Handover;

/// <summary>Groups of a model as a whole: written at once, taken over from another model.</summary>
internal static class WholeGroupStore
{
    private static readonly string[] Deletes =
    [
        "delete from cpf.group_members where model_id = $1",
        "delete from cpf.groups where model_id = $1",
        "delete from cpf.group_merges where model_id = $1",
    ];

    private const string SelectErased = """
        select distinct g.component_id
        from cpf.group_members g
        left join cpf.contents c using (content_id)
        where g.model_id = $1 and (c.content_id is null or c.state = 'erased')
        """;

    // Compared as arrays. The planner has no statistics yet of rows just written, and would join them by nested loops.
    private static readonly string[] DeleteComponents =
    [
        """
        delete from cpf.group_merges
        where model_id = $1 and "right" = any(array(select content_id from cpf.group_members where model_id = $1
            and component_id = any($2)))
        """,
        """
        delete from cpf.groups
        where model_id = $1 and group_id = any(array(select group_id from cpf.group_members where model_id = $1 and component_id = any($2)))
        """,
        "delete from cpf.group_members where model_id = $1 and component_id = any($2)",
    ];

    // The rule of PartitionDiff, over all contents at once: a group that went several ways came apart, one that came from several was
    // merged.
    private const string InsertDifference = """
        with pairs as materialized (
            select content_id, o.group_id as before, n.group_id as after
            from      (select content_id, group_id from cpf.group_members where model_id = $1) o
            full join (select content_id, group_id from cpf.group_members where model_id = $2) n using (content_id)
        ), seen as (
            select content_id, before, after,
                   min(after)  over (partition by before) <> max(after)  over (partition by before) as several_after,
                   min(before) over (partition by after)  <> max(before) over (partition by after)  as several_before
            from pairs
        ), written as (
            insert into cpf.group_events (model_id, kind, content_id, group_id, previous_group_id, at)
            select $2, case when before is null then 'joined'
                            when after is null  then 'left'
                            when several_after  then 'split'
                            when several_before then 'merged'
                            else 'renamed' end,
                   content_id, after, before, (select a.at from cpf.model_activations a where a.model_id = $2 order by a.seq desc limit 1)
            from seen
            where before is distinct from after
            order by content_id
            returning seq, group_id, previous_group_id
        ), ids as (
            select group_id from written where group_id is not null
            union
            select previous_group_id from written where previous_group_id is not null
        )
        select min(seq), max(seq), (select array_agg(group_id order by group_id) from ids) from written
        """;

    /// <summary>Replaces all groups of a model, in the caller's transaction, by COPY. Their members count as reconciled.</summary>
    public static async Task ReplaceAsync(
        NpgsqlConnection connection, long modelId, IReadOnlyCollection<GroupMember> members, IReadOnlyCollection<GroupRow> groups,
        IReadOnlyCollection<MergeRow> merges, CancellationToken cancellationToken)
    {
        foreach (var sql in Deletes)
        {
            await ExecuteAsync(connection, sql, modelId, cancellationToken);
        }

        await CopyAsync(
            connection, "cpf.group_members (model_id, content_id, group_id, component_id, pending, reconciled)",
            members.OrderBy(m => m.ContentId),
            async (copy, member) =>
            {
                await copy.WriteAsync(modelId, cancellationToken);
                await copy.WriteAsync(member.ContentId, cancellationToken);
                await copy.WriteAsync(member.GroupId, cancellationToken);
                await copy.WriteAsync(member.ComponentId, cancellationToken);
                await copy.WriteAsync(member.Pending, cancellationToken);
                await copy.WriteAsync(true, cancellationToken);
            }, cancellationToken);
        await CopyAsync(
            connection, "cpf.groups (model_id, group_id, size, min_pair_similarity, medoid, weakest_merge)", groups.OrderBy(g => g.GroupId),
            async (copy, group) =>
            {
                await copy.WriteAsync(modelId, cancellationToken);
                await copy.WriteAsync(group.GroupId, cancellationToken);
                await copy.WriteAsync(group.Size, cancellationToken);
                await copy.WriteAsync(group.MinPairSimilarity, cancellationToken);
                await copy.WriteAsync(group.Medoid, cancellationToken);
                await copy.WriteAsync(group.WeakestMerge, cancellationToken);
            }, cancellationToken);
        await CopyAsync(
            connection, """cpf.group_merges (model_id, "left", "right", height)""", merges.OrderBy(m => m.Right),
            async (copy, merge) =>
            {
                await copy.WriteAsync(modelId, cancellationToken);
                await copy.WriteAsync(merge.Left, cancellationToken);
                await copy.WriteAsync(merge.Right, cancellationToken);
                await copy.WriteAsync(merge.Height, cancellationToken);
            }, cancellationToken);
        await connection.Sql("select cpf.analyze_groups()").WithoutTimeout().ExecuteAsync(cancellationToken);
    }

    /// <summary>
    /// Removes the components of contents that were erased since they were read, because such a component may come apart. Its other
    /// contents come in again as arrivals. The caller holds the group lock.
    /// </summary>
    public static async Task DeleteErasedAsync(NpgsqlConnection connection, long modelId, CancellationToken cancellationToken)
    {
        var componentIds = await connection.Sql(SelectErased, [modelId])
            .WithoutTimeout().QueryAsync(row => row.GetInt64(0), cancellationToken);

        foreach (var sql in componentIds.Count == 0 ? [] : DeleteComponents)
        {
            await connection.Sql(sql, [modelId, componentIds.ToArray()]).WithoutTimeout().ExecuteAsync(cancellationToken);
        }
    }

    /// <summary>Contents that are members under one model only: under the first, under the second.</summary>
    public static async Task<(List<long> First, List<long> Second)> ReadDifferenceAsync(
        NpgsqlConnection connection, long firstModelId, long secondModelId, CancellationToken cancellationToken)
    {
        var (first, second) = (new List<long>(), new List<long>());
        await connection.Sql(
            """
            select content_id, a.first is not null
            from      (select content_id, true as first  from cpf.group_members where model_id = $1) a
            full join (select content_id, true as second from cpf.group_members where model_id = $2) b using (content_id)
            where a.first is null or b.second is null
            order by content_id
            """, [firstModelId, secondModelId])
            .WithoutTimeout().ForEachAsync(row => (row.GetBoolean(1) ? first : second).Add(row.GetInt64(0)), cancellationToken);
        return (first, second);
    }

    /// <summary>
    /// Announces how the groups of a newly active model differ from those of the model before: an event for every content whose group is
    /// another, as of the moment of activation, in the caller's transaction.
    /// </summary>
    /// <returns>First and last position of the events, and the groups that are or were, rising; null when nothing differs.</returns>
    public static async Task<(long First, long Last, IReadOnlyList<long> GroupIds)?> AppendDifferenceAsync(
        NpgsqlConnection connection, long previousModelId, long modelId, CancellationToken cancellationToken)
    {
        return await connection.Sql(InsertDifference, [previousModelId, modelId])
            .WithoutTimeout().FirstAsync<(long, long, IReadOnlyList<long>)?>(
                row => row.IsDBNull(0) ? null : (row.GetInt64(0), row.GetInt64(1), row.GetFieldValue<long[]>(2)), cancellationToken);
    }

    private static async Task CopyAsync<T>(
        NpgsqlConnection connection, string target, IEnumerable<T> rows, Func<NpgsqlBinaryImporter, T, Task> write,
        CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync($"copy {target} from stdin (format binary)", cancellationToken);
        copy.Timeout = TimeSpan.Zero;
        foreach (var row in rows)
        {
            await copy.StartRowAsync(cancellationToken);
            await write(copy, row);
        }

        await copy.CompleteAsync(cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, long modelId, CancellationToken cancellationToken)
    {
        await connection.Sql(sql, [modelId]).WithoutTimeout().ExecuteAsync(cancellationToken);
    }
}
