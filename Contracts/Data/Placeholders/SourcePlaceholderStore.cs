using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Placeholders;

/// <summary>
/// What single sources show as placeholders: contents that they show under many products of their own. Their images of these are in no
/// group. Those of other sources stay, so that nobody takes another's image out of its group by what they submit.
/// </summary>
public static class SourcePlaceholderStore
{
    private const string CountedStart = """
        select i.content_id, i.source
        from cpf.images i
        where i.state = 'stored' and i.product_key is not null and i.key_scope = 'source'
          and not exists (select from cpf.placeholder_overrides o where o.content_id = i.content_id and not o.is_placeholder)
        """;

    private const string CountedEnd = """
        group by i.content_id, i.source
        having count(distinct i.product_key) >= (select min_product_keys from cpf.placeholder_policy)
        """;

    // Clocks may jump back.
    private const string RecordSome = $"""
        with counted as ({CountedStart} and i.content_id = any($1) {CountedEnd}
        ), ended as (
            update cpf.source_placeholders p
            set until = greatest(now(), p.since + interval '1 microsecond')
            where p.until is null and p.content_id = any($1)
              and not exists (select from counted c where c.content_id = p.content_id and c.source = p.source)
        )
        insert into cpf.source_placeholders (content_id, source)
        select c.content_id, c.source
        from counted c
        where not exists (
            select from cpf.source_placeholders p where p.content_id = c.content_id and p.source = c.source and p.until is null)
        """;

    private const string ReadDiffering = $"""
        with counted as ({CountedStart} {CountedEnd}
        ), shown as (
            select p.content_id, p.source from cpf.source_placeholders p where p.until is null
        )
        select d.content_id
        from ((table counted except table shown) union all (table shown except table counted)) d
        group by d.content_id
        order by d.content_id
        """;

    /// <summary>Condition of an image that its source does not show as a placeholder.</summary>
    /// <param name="image">Alias of <c>cpf.images</c>.</param>
    public static string Spares(string image) =>
        $"""
        not exists (
            select from cpf.source_placeholders sp
            where sp.content_id = {image}.content_id and sp.source = {image}.source and sp.until is null)
        """;

    /// <summary>Brings some contents up to date, in the caller's transaction.</summary>
    /// <param name="connection">Its transaction holds the lock of the groups: whatever was committed before is counted.</param>
    /// <param name="contentIds">The contents.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static Task RecordAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken) =>
        connection.Sql(RecordSome, [contentIds.ToArray()]).WithoutTimeout().ExecuteAsync(cancellationToken);

    /// <summary>The contents that are not up to date, rising. It reads all images, so without the lock of the groups.</summary>
    public static Task<List<long>> ReadDifferingAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.Sql(ReadDiffering).WithoutTimeout().QueryAsync(row => row.GetInt64(0), cancellationToken);
}
