using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Matcher.Contents;

/// <summary>Which contents may be shown.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class ShownContentStore(NpgsqlDataSource dataSource)
{
    // An image's erasure removes its content some time after the request. It must not be seen in between, unless another image shows it.
    private const string Find = """
        select c.content_id, c.sha256, c.format, c.width, c.height
        from cpf.contents c
        where c.content_id = $1 and c.state = 'stored'
          and (exists (select from cpf.images i where i.content_id = c.content_id and i.state = 'stored')
            or not exists (select from cpf.erasures e where e.content_id = c.content_id and e.state <> 'finished'))
        """;

    /// <summary>The content; null when it is unknown, erased, being erased, or cannot be decoded.</summary>
    public Task<ShownContent?> FindAsync(long contentId, CancellationToken cancellationToken) =>
        dataSource.Sql(Find, [contentId]).FirstOrDefaultAsync(
            row => new ShownContent(row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.GetString(2), row.GetInt32(3), row.GetInt32(4)),
            cancellationToken);
}
