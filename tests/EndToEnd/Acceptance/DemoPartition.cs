using Npgsql;

namespace CpfPipeline.Tests.EndToEnd.Acceptance;

/// <summary>What the demonstration ended with: the groups by the images' names, and the model that made them.</summary>
/// <param name="Groups">A line for each image, ordered: source, external id, id of its group, which is its smallest content.</param>
/// <param name="Model">The active model: SHA-256 of its head's file, and its threshold.</param>
/// <param name="Runs">How the runs of the Trainer ended.</param>
internal sealed record DemoPartition(IReadOnlyList<string> Groups, string Model, IReadOnlyList<string> Runs)
{
    private const string GroupsSql = """
        select format('%s %s %s', i.source, i.external_id, g.group_id)
        from cpf.images i
        left join cpf.group_members g
               on g.content_id = i.content_id and g.model_id = (select model_id from cpf.models where state = 'active')
        where i.state = 'stored'
        order by i.source collate "C", i.external_id collate "C"
        """;

    private const string ModelSql = """
        select format('head %s threshold %s', encode(h.sha256, 'hex'), m.threshold)
        from cpf.models m join cpf.heads h using (head_id) where m.state = 'active'
        """;

    /// <summary>Groups of two images or more.</summary>
    public int Size => Groups.GroupBy(line => line[(line.LastIndexOf(' ') + 1)..]).Count(g => g.Count() > 1);

    /// <summary>Reads it.</summary>
    /// <param name="connectionString">A login that was granted <c>cpf_service</c>.</param>
    public static async Task<DemoPartition> ReadAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        return new(
            await ReadAsync(connection, GroupsSql), (await ReadAsync(connection, ModelSql)).Single(),
            await ReadAsync(connection, "select state from cpf.training_runs order by created_at"));
    }

    /// <summary>For a person.</summary>
    public override string ToString() => $"{Groups.Count} images, {Size} groups of two or more, {string.Join(", ", Runs)}, {Model}";

    private static async Task<List<string>> ReadAsync(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // The constants above.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
        {
            lines.Add(reader.GetString(0));
        }

        return lines;
    }
}
