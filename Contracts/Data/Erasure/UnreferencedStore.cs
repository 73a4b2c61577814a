using Npgsql;

namespace CpfPipeline.Data;

/// <summary>Finds contents that no live image refers to, and removes them after a while.</summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class UnreferencedStore(NpgsqlDataSource dataSource)
{
    private const string Scan = """
        with page as (
            select content_id, state from cpf.contents where content_id > $1 order by content_id limit $2
        ), judged as (
            select p.content_id, exists (select from cpf.images i where i.content_id = p.content_id and i.state = 'stored') as live
            from page p
            where p.state <> 'erased'
        ), marked as (
            insert into cpf.unreferenced_contents (content_id)
            select content_id from judged where not live order by content_id
            on conflict do nothing
        ), unmarked as (
            delete from cpf.unreferenced_contents u using judged j where u.content_id = j.content_id and j.live
        )
        select max(content_id), count(*) from page
        """;

    // Who refers to a content holds its row; such a one is not waited for but left out.
    private const string Lock = """
        select c.content_id
        from cpf.unreferenced_contents u
        join cpf.contents c using (content_id)
        where u.since <= now() - $1 and c.state <> 'erased'
          and not exists (select from cpf.erasures e where e.content_id = c.content_id and e.state <> 'finished')
          and not exists (select from cpf.models m join cpf.group_members g on g.model_id = m.model_id and g.content_id = c.content_id where m.state = 'active')
          and not exists (select from cpf.images i where i.content_id = c.content_id and i.state = 'stored')
        order by c.content_id
        limit $2
        for update of c skip locked
        """;

    // A statement of its own: its snapshot sees images that were linked before the lock.
    private const string Unlinked = """
        select c.content_id, c.sha256
        from cpf.contents c
        where c.content_id = any($1) and not exists (select from cpf.images i where i.content_id = c.content_id and i.state = 'stored')
        """;

    /// <summary>Looks at the next contents: marks those without a live image, and takes the mark from those that have one again.</summary>
    /// <param name="after">The last content of the previous look; -1 to begin.</param>
    /// <param name="limit">How many contents to look at.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The last content looked at; null when these were the last there are.</returns>
    public async Task<long?> ScanAsync(long after, int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Scan);
        command.CommandTimeout = 0;
        command.Parameters.AddRange(new NpgsqlParameter[] { new() { Value = after }, new() { Value = limit } });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetInt64(1) < limit ? null : reader.GetInt64(0);
    }

    /// <summary>
    /// Removes contents marked for long enough: rows and bytes, in one transaction that holds their rows. The same bytes submitted meanwhile wait, find no
    /// content, and bring it anew. The history of groups keeps the ids.
    /// </summary>
    /// <param name="unreferencedFor">How long.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="deleteBlob">Deletes a content's bytes.</param>
    /// <param name="cancellationToken">Cancels; no row is removed then, but bytes may be gone.</param>
    /// <returns>Rows removed, by kind; <c>contents</c> of them.</returns>
    public async Task<IReadOnlyDictionary<string, long>> CollectAsync(
        TimeSpan unreferencedFor, int limit, Func<byte[], CancellationToken, Task> deleteBlob, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var locked = new List<long>();
        await using (var locking = new NpgsqlCommand(Lock, connection) { CommandTimeout = 0, Parameters = { new() { Value = unreferencedFor }, new() { Value = limit } } })
        await using (var reader = await locking.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                locked.Add(reader.GetInt64(0));
            }
        }

        var unlinked = new List<(long Id, byte[] Sha256)>(locked.Count);
        await using (var select = new NpgsqlCommand(Unlinked, connection) { Parameters = { new() { Value = locked.ToArray() } } })
        await using (var reader = await select.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                unlinked.Add((reader.GetInt64(0), reader.GetFieldValue<byte[]>(1)));
            }
        }

        if (unlinked.Count == 0)
        {
            return new Dictionary<string, long> { ["contents"] = 0 };
        }

        var counts = await ContentPurge.RemoveAsync(connection, [.. unlinked.Select(c => c.Id)], cancellationToken);
        foreach (var (_, sha256) in unlinked)
        {
            await deleteBlob(sha256, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return counts;
    }
}
