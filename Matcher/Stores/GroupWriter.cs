using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Sql;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Matcher.Stores;

/// <summary>Writes changes of a model's groups, a statement a table however many rows, in one round trip.</summary>
internal static class GroupWriter
{
    private const string DeleteMembers = "delete from cpf.group_members where model_id = $1 and content_id = any($2)";

    private const string MoveComponents = """
        update cpf.group_members
        set component_id = $3, pending = pending or $4
        where model_id = $1 and component_id = any($2) and (component_id <> $3 or pending <> (pending or $4))
        """;

    private const string UpdateMembers = """
        update cpf.group_members m
        set group_id = t.group_id, component_id = t.component_id, pending = t.pending
        from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[]) as t(content_id, group_id, component_id, pending)
        where m.model_id = $1 and m.content_id = t.content_id
        """;

    private const string InsertMembers = """
        insert into cpf.group_members (model_id, content_id, group_id, component_id, pending, reconciled)
        select $1, t.content_id, t.group_id, t.component_id, t.pending, $6
        from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[]) as t(content_id, group_id, component_id, pending)
        """;

    private const string DeleteGroups = "delete from cpf.groups where model_id = $1 and group_id = any($2)";

    private const string UpsertGroups = """
        insert into cpf.groups as g (model_id, group_id, size, min_pair_similarity, medoid, weakest_merge)
        select $1, t.group_id, t.size, t.min_pair_similarity, t.medoid, t.weakest_merge
        from unnest($2::bigint[], $3::integer[], $4::double precision[], $5::bigint[], $6::double precision[])
             as t(group_id, size, min_pair_similarity, medoid, weakest_merge)
        on conflict (model_id, group_id) do update
        set size = excluded.size, min_pair_similarity = excluded.min_pair_similarity, medoid = excluded.medoid,
            weakest_merge = excluded.weakest_merge, changed_at = statement_timestamp()
        where (g.size, g.min_pair_similarity, g.medoid, g.weakest_merge)
              is distinct from (excluded.size, excluded.min_pair_similarity, excluded.medoid, excluded.weakest_merge)
        """;

    private const string DeleteMerges = """delete from cpf.group_merges where model_id = $1 and "right" = any($2)""";

    private const string UpsertMerges = """
        insert into cpf.group_merges as m (model_id, "left", "right", height)
        select $1, t."left", t."right", t.height
        from unnest($2::bigint[], $3::bigint[], $4::double precision[]) as t("left", "right", height)
        on conflict (model_id, "right") do update
        set "left" = excluded."left", height = excluded.height
        where (m."left", m.height) is distinct from (excluded."left", excluded.height)
        """;

    private const string InsertEvents = """
        with written as (
            insert into cpf.group_events (model_id, kind, content_id, group_id, previous_group_id)
            select $1, t.kind, t.content_id, t.group_id, t.previous_group_id
            from unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) with ordinality
                 as t(kind, content_id, group_id, previous_group_id, n)
            order by t.n
            returning seq
        )
        select min(seq), max(seq) from written
        """;

    /// <summary>Writes the changes into the caller's transaction, which holds <see cref="TransactionLocks.TakeGroupsAsync"/>.</summary>
    /// <returns>First and last position of the events written; null when there were none.</returns>
    public static async Task<(long First, long Last)?> ApplyAsync(
        NpgsqlConnection connection, long modelId, GroupChanges changes, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = 0 };
        Add(batch, modelId, DeleteMembers, changes.Deletes);
        foreach (var move in changes.Moves)
        {
            batch.Add(MoveComponents, [modelId, move.From.ToArray(), move.To, move.Pending]);
        }

        if (changes.Updates.Count > 0)
        {
            batch.Add(UpdateMembers, [modelId, .. MemberColumns(changes.Updates)]);
        }

        if (changes.Inserts.Count > 0)
        {
            batch.Add(InsertMembers, [modelId, .. MemberColumns(changes.Inserts), changes.InsertsAreReconciled]);
        }

        Add(batch, modelId, DeleteGroups, changes.DeletedGroups);
        if (changes.Groups.Count > 0)
        {
            batch.Add(UpsertGroups, [
                modelId, Column(changes.Groups, g => g.GroupId), Column(changes.Groups, g => g.Size),
                Column(changes.Groups, g => g.MinPairSimilarity), Column(changes.Groups, g => g.Medoid),
                Column(changes.Groups, g => g.WeakestMerge),
            ]);
        }

        Add(batch, modelId, DeleteMerges, changes.DeletedMerges);
        if (changes.Merges.Count > 0)
        {
            batch.Add(UpsertMerges, [
                modelId, Column(changes.Merges, m => m.Left), Column(changes.Merges, m => m.Right), Column(changes.Merges, m => m.Height),
            ]);
        }

        if (changes.Events.Count > 0)
        {
            batch.Add(InsertEvents, [
                modelId, Column(changes.Events, e => e.Kind), Column(changes.Events, e => e.ContentId),
                Ids(changes.Events, e => e.GroupId), Ids(changes.Events, e => e.PreviousGroupId),
            ]);
        }

        if (batch.BatchCommands.Count == 0)
        {
            return null;
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetInt64(0), reader.GetInt64(1)) : null;
    }

    private static void Add(NpgsqlBatch batch, long modelId, string sql, List<long> ids)
    {
        if (ids.Count > 0)
        {
            batch.Add(sql, [modelId, ids.ToArray()]);
        }
    }

    private static object[] MemberColumns(List<GroupMember> members) =>
        [Column(members, m => m.ContentId), Column(members, m => m.GroupId), Column(members, m => m.ComponentId),
            Column(members, m => m.Pending)];

    private static NpgsqlParameter Ids(List<GroupEvent> events, Func<GroupEvent, long?> column) =>
        new() { Value = Column(events, column), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint };

    private static T[] Column<TRow, T>(List<TRow> rows, Func<TRow, T> column) => [.. rows.Select(column)];
}
