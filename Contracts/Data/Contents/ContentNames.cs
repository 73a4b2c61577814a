using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Contents;

/// <summary>Names of pictures for people: a listing that shows each, the beginning of the hash where none does.</summary>
public static class ContentNames
{
    /// <summary>A name for every id.</summary>
    public static async Task<IReadOnlyDictionary<long, string>> ReadAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
    {
        var rows = await connection.Sql(
            """
            select t.content_id, coalesce(
                (select i.source || '/' || i.external_id from cpf.images i
                 where i.content_id = t.content_id and i.state = 'stored' order by i.source, i.external_id limit 1),
                'picture ' || left(encode(c.sha256, 'hex'), 12), 'an erased picture')
            from unnest($1::bigint[]) as t(content_id)
            left join cpf.contents c on c.content_id = t.content_id
            """, [contentIds.ToArray()]).QueryAsync(row => (Id: row.GetInt64(0), Name: row.GetString(1)), cancellationToken);
        return rows.ToDictionary(r => r.Id, r => r.Name);
    }
}
