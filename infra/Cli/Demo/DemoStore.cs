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
        await using var command = dataSource.CreateCommand(Sql);
        command.Parameters.Add(new() { Value = sources });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var images = new List<DemoImage>();
        while (await reader.ReadAsync(cancellationToken))
        {
            images.Add(new(
                reader.GetString(0),
                reader.GetString(1),
                reader.IsDBNull(2) ? reader.GetString(1) : reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetInt64(3),
                reader.GetInt64(4)));
        }

        return images;
    }
}
