using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Embeddings;

/// <summary>The contents that live images refer to, for backfill.</summary>
public static class LiveContentStore
{
    /// <summary>
    /// Ids of all stored contents with a live image, in the caller's transaction, ascending: 8 bytes a content in memory.
    /// </summary>
    public static async Task<IReadOnlyList<long>> ReadAllAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        return await connection.Sql(
            """
            select c.content_id
            from cpf.contents c
            where c.state = 'stored' and exists (select from cpf.images i where i.content_id = c.content_id and i.state = 'stored')
            order by c.content_id
            """).QueryAsync(row => row.GetInt64(0), cancellationToken);
    }

    /// <summary>
    /// Live stored contents, ascending, that have no embedding under the active head although none of their images changed for a while.
    /// Their message was lost, or lies in an error queue.
    /// </summary>
    public static async Task<IReadOnlyList<long>> ReadUnembeddedAsync(
        NpgsqlConnection connection, TimeSpan unchangedFor, int limit, CancellationToken cancellationToken)
    {
        return await connection.Sql(
            """
            select c.content_id
            from cpf.models m
            cross join cpf.contents c
            where m.state = 'active' and c.state = 'stored'
              and not exists (select from cpf.embeddings e where e.head_id = m.head_id and e.content_id = c.content_id)
              and (exists (select from cpf.images i where i.content_id = c.content_id and i.state = 'stored')
                   or exists (select from cpf.image_updates u where u.content_id = c.content_id))
              and not exists (select from cpf.images i where i.content_id = c.content_id and i.state = 'stored'
                  and i.updated_at > now() - $1)
              and not exists (select from cpf.image_updates u where u.content_id = c.content_id and u.submitted_at > now() - $1)
            order by c.content_id
            limit $2
            """, [unchangedFor, limit]).QueryAsync(row => row.GetInt64(0), cancellationToken);
    }
}
