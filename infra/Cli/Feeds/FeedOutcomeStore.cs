using System.Runtime.CompilerServices;
using CpfPipeline.Data.Placeholders;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Cli.Feeds;

/// <summary>Reads what became of a feed's images.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class FeedOutcomeStore(NpgsqlDataSource dataSource)
{
    private const string Rejected = """
        with rejected as (
            select row_number, external_id, reason, detail, false as late from cpf.feed_rejections where feed_id = $1
            union all
            select null, i.external_id, coalesce(i.failed_reason, i.reject_reason),
                   case when i.failed_reason is null then i.reject_detail else i.failed_detail end, true
            from cpf.feeds f
            join cpf.images i on i.source = f.source
            where f.feed_id = $1
              and ((i.state = 'rejected' and i.updated_at >= f.submitted_at) or i.failed_at >= f.submitted_at)
              and not exists (select from cpf.feed_rejections r where r.feed_id = $1 and r.external_id = i.external_id)
        )
        """;

    private const string Reasons = Rejected + """

        select reason, count(*), (array_agg(external_id order by external_id collate "C"))[1:$2], count(*) filter (where late)
        from rejected
        group by reason
        order by count(*) desc, reason collate "C"
        """;

    private const string Inputs = Rejected + """

        select row_number, external_id, reason, detail
        from rejected
        order by row_number nulls last, external_id collate "C"
        limit $2
        """;

    // Every row that a feed applies moves its image's updated_at; one that says nothing new leaves the feed's id only. A feed that repeats
    // a former one to the byte is not read: what that one applied is its own.
    private static readonly string Matched = $"""
        with mine as (
            select g.group_id, i.content_id
            from cpf.feeds f
            left join cpf.feeds former on former.feed_id = f.unchanged_since
            join cpf.images i on i.source = f.source and i.state = 'stored'
                and (i.updated_at >= coalesce(former.submitted_at, f.submitted_at) or i.feed_id = coalesce(former.feed_id, f.feed_id))
            left join cpf.group_members g
                   on g.model_id = (select model_id from cpf.models where state = 'active') and g.content_id = i.content_id
                  and {SourcePlaceholderStore.Spares("i")}
            where f.feed_id = $1
        ), mine_by_group as (
            select group_id, count(*) as images from mine where group_id is not null group by group_id
        ), sizes as (
            select g.group_id, count(*) as size
            from cpf.group_members g
            join cpf.images i on i.content_id = g.content_id and i.state = 'stored'
            where g.model_id = (select model_id from cpf.models where state = 'active')
                and g.group_id in (select group_id from mine_by_group) and {SourcePlaceholderStore.Spares("i")}
            group by g.group_id
        )
        select (select count(distinct content_id) from mine), count(*), coalesce(sum(m.images), 0)::bigint
        from mine_by_group m
        join sizes s using (group_id)
        where s.size >= 2
        """;

    /// <summary>Inputs of a feed that were rejected, by Ingest or later by the Embedder, with the first names of each reason.</summary>
    public async Task<IReadOnlyList<RejectedInputs>> ReadRejectionsAsync(long feedId, int names, CancellationToken cancellationToken)
    {
        await using var command = Command(Reasons, feedId, names);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<RejectedInputs>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new(reader.GetString(0), reader.GetInt64(1), reader.GetFieldValue<string[]>(2), reader.GetInt64(3)));
        }

        return rows;
    }

    /// <summary>The rejected inputs by row, then those without a row by name.</summary>
    /// <param name="limit">Only so many; null for all.</param>
    public async IAsyncEnumerable<RejectedInput> ListRejectionsAsync(
        long feedId, int? limit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = Command(Inputs, feedId, (long)(limit ?? int.MaxValue));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            yield return new(reader.GetOrNull<long>(0), reader.GetString(1), reader.GetString(2), reader.GetStringOrNull(3));
        }
    }

    /// <summary>
    /// Distinct contents among the feed's live images, groups of two images or more that hold some of them, and how many they hold.
    /// </summary>
    public async Task<(long Contents, long Groups, long GroupedImages)> ReadMatchedAsync(long feedId, CancellationToken cancellationToken)
    {
        await using var command = Command(Matched, feedId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }

    private NpgsqlCommand Command(string sql, params object[] values)
    {
        var command = dataSource.CreateCommand(sql);
        command.CommandTimeout = 0; // a source of a million rows may take longer than the default of 30 s on a slow disk
        command.Parameters.AddRange(values.Select(v => new NpgsqlParameter { Value = v }).ToArray());
        return command;
    }
}
