using System.Runtime.CompilerServices;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Cli.Groups;

/// <summary>Reads match groups of two images or more under the active model.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class GroupReader(NpgsqlDataSource dataSource)
{
    // Kept pairs are exact too, and read faster than computed. Copies of the medoid are the same content and have no row here.
    private const string MedoidSimilarities = """
        distances as (
            select c.content_id, coalesce(p.similarity, (
                       select cpf.exact_similarity(a.embedding, b.embedding)
                       from cpf.embeddings a
                       join cpf.embeddings b on b.head_id = a.head_id and b.content_id = c.medoid
                       where a.head_id = (select head_id from cpf.models where state = 'active')
                         and a.content_id = c.content_id)) as similarity
            from (select distinct m.content_id, g.medoid
                  from members m
                  join cpf.groups g on g.model_id = m.model_id and g.group_id = m.group_id
                  where g.medoid <> m.content_id) as c
            left join cpf.matches p
                   on p.head_id = (select head_id from cpf.models where state = 'active')
                  and p.content_a = least(c.content_id, c.medoid) and p.content_b = greatest(c.content_id, c.medoid)
        )
        """;

    // Stored halves are of nearly unit length: their product may exceed 1 by a little.
    private const string Columns = """
        m.group_id, m.model_id, m.source, m.external_id, m.product_key, m.sha256, m.uri,
        case when d.content_id is null then 1 else greatest(-1, least(1, d.similarity)) end
        """;

    private const string Members = $"""
        with members as materialized (
            select group_id, model_id, source, external_id, product_key, sha256, uri, content_id
            from cpf.match_group_members
            where $1::text is null or group_id in (select group_id from cpf.match_group_members where source = $1)
        ), {MedoidSimilarities}
        select {Columns}
        from members m
        left join distances d on d.content_id = m.content_id
        order by m.group_id, m.source collate "C", m.external_id collate "C"
        """;

    private const string Largest = $"""
        with groups as (
            select group_id, count(*) as images
            from cpf.match_group_members
            group by group_id
            having $1::text is null or bool_or(source = $1)
        ), largest as (
            select group_id, images, count(*) over () as groups, sum(images) over () as all_images
            from groups
            order by images desc, group_id
            limit $2
        ), members as materialized (
            select group_id, model_id, source, external_id, product_key, sha256, uri, content_id
            from cpf.match_group_members
            where group_id in (select group_id from largest)
        ), {MedoidSimilarities}
        select l.groups, l.all_images::bigint, {Columns}
        from largest l
        join members m on m.group_id = l.group_id
        left join distances d on d.content_id = m.content_id
        order by l.images desc, m.group_id, m.source collate "C", m.external_id collate "C"
        """;

    /// <summary>All of them by group_id, members by (source, external_id), as one snapshot, without holding them in memory.</summary>
    /// <param name="source">Only groups that hold an image of this source; null for all.</param>
    public async IAsyncEnumerable<ListedMember> ReadAsync(string? source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = Command(Members, source);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return Row(reader, 0);
        }
    }

    /// <summary>The groups with the most images, largest first, and how many groups and images in groups there are in all.</summary>
    public async Task<LargestGroups> ReadLargestAsync(string? source, int limit, CancellationToken cancellationToken)
    {
        await using var command = Command(Largest, source);
        command.Parameters.Add(new() { Value = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        long groups = 0, images = 0;
        var rows = new List<ListedMember>();
        while (await reader.ReadAsync(cancellationToken))
        {
            (groups, images) = (reader.GetInt64(0), reader.GetInt64(1));
            rows.Add(Row(reader, 2));
        }

        return new(groups, images, [.. rows.GroupBy(r => r.GroupId).Select(g => g.ToList())]);
    }

    private static ListedMember Row(NpgsqlDataReader reader, int first) => new(
        reader.GetInt64(first),
        reader.GetInt64(first + 1),
        reader.GetString(first + 2),
        reader.GetString(first + 3),
        reader.GetStringOrNull(first + 4),
        reader.GetString(first + 5),
        reader.GetStringOrNull(first + 6),
        reader.GetOrNull<double>(first + 7));

    private NpgsqlCommand Command(string sql, string? source)
    {
        var command = dataSource.CreateCommand(sql);
        command.CommandTimeout = 0; // the reader of the output sets the pace
        command.Parameters.Add(new() { Value = (object?)source ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        return command;
    }
}
