using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Placeholders;

/// <summary>The placeholder guard: the policy, people's decisions, and the resulting changes.</summary>
public static class PlaceholderStore
{
    /// <summary>Writes an event for every content that became a placeholder or stopped being one, in the caller's transaction.</summary>
    /// <returns>What changed, by content id.</returns>
    public static async Task<IReadOnlyList<PlaceholderEvent>> RecordAsync(
        NpgsqlConnection connection, IReadOnlyCollection<(long ContentId, bool IsPlaceholder)> contents,
        CancellationToken cancellationToken)
    {
        return await connection.Sql(
            """
            insert into cpf.placeholder_events (content_id, is_placeholder, product_keys, who)
            select t.content_id, t.is_placeholder, cpf.product_key_count(t.content_id), o.who
            from unnest($1::bigint[], $2::boolean[]) as t(content_id, is_placeholder)
            left join cpf.placeholder_overrides o on o.content_id = t.content_id and o.is_placeholder = t.is_placeholder
            where t.is_placeholder <> coalesce(
                (select e.is_placeholder from cpf.placeholder_events e where e.content_id = t.content_id
                    order by e.seq desc limit 1), false)
            order by t.content_id
            returning content_id, is_placeholder, product_keys, who
            """, [contents.Select(c => c.ContentId).ToArray(), contents.Select(c => c.IsPlaceholder).ToArray()])
            .QueryAsync(row => new PlaceholderEvent(
                row.GetInt64(0), row.GetBoolean(1), row.GetInt32(2), row.GetStringOrNull(3)), cancellationToken);
    }

    /// <summary>
    /// Takes a person's word whether a content is a placeholder, and keeps it in <c>cpf.placeholder_words</c> when it changes what stood
    /// or who stands for it. So nobody's undo takes back what another one has said as well. The caller holds the lock of the groups.
    /// </summary>
    public static async Task OverrideAsync(NpgsqlConnection connection, PlaceholderWord word, CancellationToken cancellationToken)
    {
        await connection.Sql(
            """
            insert into cpf.placeholder_words
                (content_id, word_before, who_before, note_before, word_after, who, note, request_id, undoes)
            select n.content_id, o.is_placeholder, o.who, o.note, n.word, n.who, n.note, n.request_id, n.undoes
            from (values ($1::bigint, $2::boolean, $3, $4, $5::uuid, $6::bigint)) as n(content_id, word, who, note, request_id, undoes)
            left join cpf.placeholder_overrides o using (content_id)
            where o.is_placeholder is distinct from n.word
               or (n.word is not null and (o.who is distinct from n.who or n.undoes is not null))
            """, [word.ContentId, word.IsPlaceholder, word.Who, word.Note, word.RequestId, word.Undoes]).ExecuteAsync(cancellationToken);
        var (who, note) = word.GivenBack ?? (word.Who, word.Note);
        var statement = word.IsPlaceholder is { } isPlaceholder
            ? connection.Sql(
                """
                insert into cpf.placeholder_overrides (content_id, is_placeholder, who, note)
                values ($1, $2, $3, $4)
                on conflict (content_id) do update
                set is_placeholder = excluded.is_placeholder, who = excluded.who, note = excluded.note, at = now()
                """, [word.ContentId, isPlaceholder, who, note])
            : connection.Sql("delete from cpf.placeholder_overrides where content_id = $1", [word.ContentId]);
        await statement.ExecuteAsync(cancellationToken);
    }

    /// <summary>The number of certainly different products from which on a content is a placeholder.</summary>
    public static async Task<int> ReadPolicyAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        return await connection.Sql("select min_product_keys from cpf.placeholder_policy").ScalarAsync<int>(cancellationToken);
    }

    /// <summary>Sets the policy. The Matcher's repair then adds and removes the contents it concerns.</summary>
    public static async Task SetPolicyAsync(NpgsqlConnection connection, int minProductKeys, CancellationToken cancellationToken)
    {
        await connection.Sql("update cpf.placeholder_policy set min_product_keys = $1", [minProductKeys]).ExecuteAsync(cancellationToken);
    }

    /// <summary>Placeholders and people's decisions, those with the most products first.</summary>
    public static async Task<IReadOnlyList<PlaceholderRow>> ReadAsync(
        NpgsqlConnection connection, int limit, CancellationToken cancellationToken)
    {
        return await connection.Sql(
            """
            select content_id, sha256, product_keys, images, override, who, note, blank, source, external_id
            from cpf.placeholders
            order by product_keys desc, content_id
            limit $1
            """, [limit]).QueryAsync(row => new PlaceholderRow(
                row.GetInt64(0), row.GetString(1), row.GetInt32(2), row.GetInt64(3),
                row.GetOrNull<bool>(4),
                row.GetStringOrNull(5),
                row.GetStringOrNull(6), row.GetBoolean(7), row.GetStringOrNull(8), row.GetStringOrNull(9)), cancellationToken);
    }
}
