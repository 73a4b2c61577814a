using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Cli.Demo;

/// <summary>Reads what became of the demonstration's images.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class DemoStore(NpgsqlDataSource dataSource)
{
    private const string Sql = """
        select i.source, i.external_id, i.product_key, g.group_id, i.content_id
        from cpf.images i
        left join cpf.group_members g
               on g.model_id = (select model_id from cpf.models where state = 'active') and g.content_id = i.content_id
        where i.source = any($1) and i.state = 'stored'
        order by i.source collate "C", i.external_id collate "C"
        """;

    public async Task<IReadOnlyList<DemoImage>> ReadAsync(string[] sources, CancellationToken cancellationToken)
    {
        return await dataSource.Sql(Sql, [sources]).QueryAsync(row => new DemoImage(
                row.GetString(0),
                row.GetString(1),
                row.IsDBNull(2) ? row.GetString(1) : row.GetString(2),
                row.GetOrNull<long>(3),
                row.GetInt64(4)), cancellationToken);
    }
}
