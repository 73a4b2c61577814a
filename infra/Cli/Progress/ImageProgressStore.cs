using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Cli.Progress;

/// <summary>Reads how far images are.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class ImageProgressStore(NpgsqlDataSource dataSource)
{
    /// <summary>Above this many unmatched contents it is not determined which are placeholders, because that costs a query each.</summary>
    private const int MaxContentsToAsk = 20_000;

    // One hash join however many images there are. The model is an uncorrelated subquery, so that it is looked up once.
    private const string Counts = """
        select count(*) filter (where i.state in ('received', 'stored')),
               count(*) filter (where i.state = 'received'),
               count(*) filter (where i.state = 'stored' and (g.content_id is null or u.image_id is not null)),
               count(*) filter (where g.pending),
               count(*) filter (where not g.reconciled)
        from cpf.images i
        left join cpf.group_members g
               on g.model_id = (select model_id from cpf.models where state = 'active') and g.content_id = i.content_id
                   and i.state = 'stored'
        left join cpf.image_updates u on u.image_id = i.image_id
        where $1 is null or i.source = any($1)
        """;

    // Thousands of images may share one picture, such as a logo: contents are asked about, not images.
    private const string Placeholders = """
        with unmatched as materialized (
            select i.content_id, count(*) as images
            from cpf.images i
            left join cpf.group_members g
                   on g.model_id = (select model_id from cpf.models where state = 'active') and g.content_id = i.content_id
            where ($1 is null or i.source = any($1)) and i.state = 'stored' and g.content_id is null
            group by i.content_id
        )
        select case when (select count(*) from unmatched) <= $2
                    then (select coalesce(sum(images), 0) from unmatched where cpf.is_placeholder(content_id))
                    else 0
               end::bigint
        """;

    /// <summary>Where all images of the sources stand together.</summary>
    /// <param name="sources">Their names; null for all sources.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<ImageProgress> ReadAsync(string[]? sources, CancellationToken cancellationToken)
    {
        long live, received, unmatched, pending, unreconciled;
        await using (var command = Command(Counts, sources))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            await reader.ReadAsync(cancellationToken);
            (live, received, unmatched, pending, unreconciled) =
                (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4));
        }

        // While images are being fetched the figure is more than zero anyway.
        if (unmatched > 0 && received == 0)
        {
            await using var command = Command(Placeholders, sources);
            command.Parameters.Add(new() { Value = MaxContentsToAsk });
            unmatched -= Math.Min(unmatched, (long)(await command.ExecuteScalarAsync(cancellationToken))!);
        }

        return new(live, received + unmatched, pending, unreconciled);
    }

    private NpgsqlCommand Command(string sql, string[]? sources)
    {
        var command = dataSource.CreateCommand(sql);
        command.CommandTimeout = 0; // a source of a million rows may take longer than the default of 30 s on a slow disk
        command.Parameters.Add(new() { Value = (object?)sources ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        return command;
    }
}
