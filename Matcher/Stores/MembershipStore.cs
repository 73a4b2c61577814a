using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Matcher.Stores;

/// <summary>Which contents belong into a model's groups (see section "live" of the schema), which are there, and how many.</summary>
internal static class MembershipStore
{
    // Continues "with given as (select content_id ...)". It is cpf.is_placeholder, for many contents at once: the keys of a source count
    // for what it shows itself, so that a content is a placeholder by such keys when every source shows it as one.
    private const string Liveness = """
        , many_keys as (
            select i.content_id, case when i.key_scope = 'source' then i.source end as source
            from given
            join cpf.images i using (content_id)
            where i.state = 'stored' and i.product_key is not null
            group by i.content_id, i.key_scope, case when i.key_scope = 'source' then i.source end
            having count(distinct i.product_key) >= (select min_product_keys from cpf.placeholder_policy)
        ), many_products as (
            select k.content_id from many_keys k where k.source is null
            union
            select k.content_id
            from (select distinct content_id from many_keys) k
            join cpf.images i on i.content_id = k.content_id and i.state = 'stored'
            left join many_keys s on s.content_id = i.content_id and s.source = i.source
            group by k.content_id
            having bool_and(s.content_id is not null)
        ), states as (
            select g.content_id,
                   coalesce(c.state = 'stored', false)
                   and e.content_id is not null
                   and exists (select from cpf.images i where i.content_id = g.content_id and i.state = 'stored')
                   and not p.is_placeholder as live,
                   p.is_placeholder
            from given g
            left join cpf.contents              c on c.content_id = g.content_id
            left join cpf.placeholder_overrides o on o.content_id = g.content_id
            left join many_products             k on k.content_id = g.content_id
            left join cpf.embeddings            e on e.head_id = $1 and e.content_id = g.content_id
            cross join lateral (
                select coalesce(o.is_placeholder, c.blank or k.content_id is not null, false)) as p(is_placeholder)
        )
        """;

    private const string SelectStates =
        "with given as materialized (select unnest($3::bigint[]) as content_id)" + Liveness + """

        select s.content_id, s.live, s.is_placeholder, m.group_id, m.component_id, m.pending
        from states s
        left join cpf.group_members m on m.model_id = $2 and m.content_id = s.content_id
        """;

    private const string Unmatched = """
        with given as materialized (
            select e.content_id
            from cpf.embeddings e
            where e.head_id = $1 and not exists (select from cpf.group_members m where m.model_id = $2 and m.content_id = e.content_id)
        )
        """ + Liveness;

    private const string SelectGone =
        "with given as materialized (select content_id from cpf.group_members where model_id = $2)" + Liveness + """

        select content_id from states where not live
        """;

    private const string SelectLive =
        "with given as materialized (select content_id from cpf.embeddings where head_id = $1)" + Liveness + """

        select content_id from states where live
        """;

    /// <summary>The state of given contents, in any order.</summary>
    public static async Task<List<ContentMembership>> ReadStatesAsync(
        NpgsqlConnection connection, long headId, long modelId, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
    {
        return await connection.Sql(SelectStates, [headId, modelId, contentIds.ToArray()]).WithoutTimeout().QueryAsync(
            row => new ContentMembership(row.GetInt64(0), row.GetBoolean(1), row.GetBoolean(2), row.IsDBNull(3)
                ? null
                : new GroupMember(row.GetInt64(0), row.GetInt64(3), row.GetInt64(4), row.GetBoolean(5))), cancellationToken);
    }

    /// <summary>Live contents without a membership: arrivals whose message was lost, or all of them under a new model.</summary>
    public static Task<List<long>> ReadUnmatchedAsync(
        NpgsqlConnection connection, long headId, long modelId, CancellationToken cancellationToken) =>
        ReadIdsAsync(
            connection, Unmatched + "\nselect content_id from states where live order by content_id", headId, modelId, cancellationToken);

    /// <summary>Members that are not live any more: departures whose message was lost.</summary>
    public static Task<List<long>> ReadGoneAsync(
        NpgsqlConnection connection, long headId, long modelId, CancellationToken cancellationToken) =>
        ReadIdsAsync(connection, SelectGone, headId, modelId, cancellationToken);

    /// <summary>The live contents under a head, in any order.</summary>
    public static Task<List<long>> ReadLiveAsync(NpgsqlConnection connection, long headId, CancellationToken cancellationToken) =>
        ReadIdsAsync(connection, SelectLive, headId, 0, cancellationToken);

    /// <summary>How many live contents have no membership yet.</summary>
    public static Task<long> CountUnmatchedAsync(
        NpgsqlConnection connection, long headId, long modelId, CancellationToken cancellationToken) =>
        connection.Sql(Unmatched + "\nselect count(*) from states where live", [headId, modelId])
            .WithoutTimeout().ScalarAsync<long>(cancellationToken);

    /// <summary>How many live contents have no membership yet, and how long ago the oldest of them arrived.</summary>
    public static Task<(long Count, TimeSpan OldestAge)> SummariseUnmatchedAsync(
        NpgsqlConnection connection, long headId, long modelId, TimeSpan patience, CancellationToken cancellationToken) =>
        connection.Sql(
            Unmatched + """

            select count(*), coalesce(extract(epoch from clock_timestamp() - min(c.created_at)), 0)::double precision
            from states s
            join cpf.contents c using (content_id)
            where s.live
            """, [headId, modelId]).Within(patience)
            .FirstAsync(row => (row.GetInt64(0), TimeSpan.FromSeconds(Math.Max(0, row.GetDouble(1)))), cancellationToken);

    /// <summary>How many members a model has.</summary>
    public static Task<long> CountMembersAsync(NpgsqlConnection connection, long modelId, CancellationToken cancellationToken) =>
        connection.Sql("select count(*) from cpf.group_members where model_id = $1", [modelId]).ScalarAsync<long>(cancellationToken);

    /// <summary>Whether any member of a model is pending.</summary>
    public static Task<bool> HasPendingAsync(NpgsqlConnection connection, long modelId, CancellationToken cancellationToken) =>
        connection.Sql("select exists (select from cpf.group_members where model_id = $1 and pending)", [modelId])
            .ScalarAsync<bool>(cancellationToken);

    /// <summary>Counts members that are not reconciled (at most <paramref name="limit"/>), and pending ones.</summary>
    public static Task<(long Unreconciled, long Pending)> CountUnfinishedAsync(
        NpgsqlConnection connection, long modelId, int limit, CancellationToken cancellationToken) =>
        connection.Sql(
            """
            select (select count(*) from (select from cpf.group_members where model_id = $1 and not reconciled limit $2) as u),
                   (select count(*) from cpf.group_members where model_id = $1 and pending)
            """, [modelId, limit]).FirstAsync(row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken);

    private static Task<List<long>> ReadIdsAsync(
        NpgsqlConnection connection, string sql, long headId, long modelId, CancellationToken cancellationToken) =>
        connection.Sql(sql, [headId, modelId]).WithoutTimeout().QueryAsync(row => row.GetInt64(0), cancellationToken);
}
