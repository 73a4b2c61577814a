using Npgsql;

namespace CpfPipeline.Data;

/// <summary>The contents that live images refer to, for backfill.</summary>
public static class LiveContentStore
{
    /// <summary>Ids of all stored contents with a live image, in the caller's transaction, ascending: 8 bytes a content in memory.</summary>
    public static async Task<IReadOnlyList<long>> ReadAllAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select c.content_id
            from cpf.contents c
            where c.state = 'stored' and exists (select from cpf.images i where i.content_id = c.content_id and i.state = 'stored')
            order by c.content_id
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var ids = new List<long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetInt64(0));
        }

        return ids;
    }
}
