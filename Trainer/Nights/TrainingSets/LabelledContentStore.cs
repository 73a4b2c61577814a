using CpfPipeline.Data.Sql;
using CpfPipeline.Data.Verdicts;
using Npgsql;

namespace CpfPipeline.Nights.TrainingSets;

/// <summary>
/// What feeds and reviewers know about the live contents. Everything is read in the caller's transaction: a repeatable read shows one
/// moment.
/// </summary>
internal static class LabelledContentStore
{
    /// <summary>
    /// Live contents that have a feature of a backbone and an embedding under a head, by id. Takes 16 bytes of memory per content.
    /// </summary>
    public static async Task<List<LiveContent>> ReadLiveAsync(
        NpgsqlConnection connection, long backboneId, long headId, CancellationToken cancellationToken)
    {
        // The policy for placeholders is two keys at least. So a content with fewer is none by the count, and most contents need no
        // function call.
        return await connection.Sql(
            """
            with shown as (
                select content_id, count(distinct product_key) as keys
                from cpf.images
                where state = 'stored'
                group by content_id
            )
            select c.content_id,
                   case when s.keys < 2 and o.content_id is null then c.blank else cpf.is_placeholder(c.content_id) end
            from shown s
            join cpf.contents                   c using (content_id)
            left join cpf.placeholder_overrides o using (content_id)
            where c.state = 'stored'
              and exists (select from cpf.features   f where f.backbone_id = $1 and f.content_id = c.content_id)
              and exists (select from cpf.embeddings e where e.head_id     = $2 and e.content_id = c.content_id)
            order by c.content_id
            """, [backboneId, headId])
            .WithoutTimeout().QueryAsync(row => new LiveContent(row.GetInt64(0), row.GetBoolean(1)), cancellationToken);
    }

    /// <summary>
    /// The distinct product keys of live images of stored contents, but those of a source that shows the content as a placeholder.
    /// </summary>
    public static async Task<List<ContentKey>> ReadKeysAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Sources and keys recur: one string each.
        var strings = new HashSet<string>(StringComparer.Ordinal);
        return await connection.Sql(
            """
            select distinct i.content_id, case when i.key_scope = 'global' then null else i.source end, i.product_key
            from cpf.images   i
            join cpf.contents c using (content_id)
            where i.state = 'stored' and i.product_key is not null and c.state = 'stored'
              and (i.key_scope = 'global' or (i.content_id, i.source) not in (
                  select k.content_id, k.source
                  from cpf.images k
                  where k.state = 'stored' and k.product_key is not null and k.key_scope = 'source'
                    and not exists (select from cpf.placeholder_overrides o where o.content_id = k.content_id and not o.is_placeholder)
                  group by k.content_id, k.source
                  having count(distinct k.product_key) >= (select min_product_keys from cpf.placeholder_policy)))
            """).WithoutTimeout().QueryAsync(
            row => new ContentKey(row.GetInt64(0), row.IsDBNull(1) ? null : Once(row.GetString(1)), Once(row.GetString(2))),
            cancellationToken);

        string Once(string value)
        {
            if (strings.TryGetValue(value, out var known))
            {
                return known;
            }

            strings.Add(value);
            return value;
        }
    }

    /// <summary>All verdicts, by the ids.</summary>
    public static async Task<List<Verdict>> ReadVerdictsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        return await connection.Sql(
            "select content_a, content_b, verdict = 'same' from cpf.verdicts order by content_a, content_b")
            .WithoutTimeout().QueryAsync(row => new Verdict(row.GetInt64(0), row.GetInt64(1), row.GetBoolean(2)), cancellationToken);
    }
}
