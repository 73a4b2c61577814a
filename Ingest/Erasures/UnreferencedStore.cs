using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Sql;
using CpfPipeline.Ingest.Images;
using Npgsql;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>Finds contents that no live image and no waiting update refers to, and removes them after a while.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class UnreferencedStore(NpgsqlDataSource dataSource)
{
    private const string Scan = """
        with page as (
            select content_id, state from cpf.contents where content_id > $1 order by content_id limit $2
        ), unused as (
            select p.content_id
            from page p
            where p.state <> 'erased'
              and not exists (select from cpf.images i where i.content_id = p.content_id and i.state = 'stored')
              and not exists (select from cpf.image_updates w where w.content_id = p.content_id)
              and not exists (select from cpf.unreferenced_contents u where u.content_id = p.content_id)
        ), unmarked as (
            delete from cpf.unreferenced_contents u using page p
            where u.content_id = p.content_id
              and (exists (select from cpf.images i where i.content_id = p.content_id and i.state = 'stored')
                   or exists (select from cpf.image_updates w where w.content_id = p.content_id))
        )
        select max(content_id), count(*), array(select content_id from unused) from page
        """;

    // Guards against a transaction that is about to refer to the content and removes its mark. Such a content is left to the next pass.
    private const string LockUnused = """
        select content_id from cpf.contents where content_id = any($1) order by content_id for no key update skip locked
        """;

    private const string Mark = """
        insert into cpf.unreferenced_contents (content_id)
        select c.content_id
        from unnest($1) as c(content_id)
        where not exists (select from cpf.images i where i.content_id = c.content_id and i.state = 'stored')
          and not exists (select from cpf.image_updates w where w.content_id = c.content_id)
        on conflict do nothing
        """;

    private const string Unmark = """
        delete from cpf.unreferenced_contents
        where content_id in (select content_id from cpf.unreferenced_contents where content_id = any($1) order by content_id for update)
        """;

    // A transaction that refers to a content holds its row. Such rows are skipped, not waited for.
    private const string Lock = """
        select c.content_id
        from cpf.unreferenced_contents u
        join cpf.contents c using (content_id)
        where u.since <= now() - $1 and c.state <> 'erased'
          and not exists (select from cpf.erasures e where e.content_id = c.content_id and e.state <> 'finished')
          and not exists (select from cpf.models m join cpf.group_members g on g.model_id = m.model_id
              and g.content_id = c.content_id where m.state = 'active')
          and not exists (select from cpf.images i where i.content_id = c.content_id and i.state = 'stored')
          and not exists (select from cpf.image_updates w where w.content_id = c.content_id)
        order by c.content_id
        limit $2
        for update of c skip locked
        """;

    // A statement of its own: its snapshot sees what was linked, and released again, before the lock.
    private const string Unlinked = """
        select c.content_id, c.sha256
        from cpf.contents c
        join cpf.unreferenced_contents u using (content_id)
        where c.content_id = any($1) and u.since <= now() - $2
          and not exists (select from cpf.models m join cpf.group_members g on g.model_id = m.model_id
              and g.content_id = c.content_id where m.state = 'active')
          and not exists (select from cpf.images i where i.content_id = c.content_id and i.state = 'stored')
          and not exists (select from cpf.image_updates w where w.content_id = c.content_id)
        order by c.content_id
        """;

    /// <summary>
    /// Looks at the next contents and marks those without a live image. A transaction that refers to one again removes the mark: see
    /// <see cref="ImageStore"/>.
    /// </summary>
    /// <param name="after">The last content of the previous look; -1 to begin.</param>
    /// <param name="limit">How many contents to look at.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The last content looked at. Null at the end of the contents.</returns>
    public async Task<long?> ScanAsync(long after, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var (last, seen, unused) = await connection.Sql(Scan, [after, limit]).WithoutTimeout().FirstAsync(
            row => (row.GetOrNull<long>(0), row.GetInt64(1), row.GetFieldValue<long[]>(2)), cancellationToken);
        if (unused.Length > 0)
        {
            await MarkAsync(connection, unused, cancellationToken);
        }

        return seen < limit ? null : last;
    }

    /// <summary>
    /// Removes the mark from contents that an image refers to again, in the transaction that links it. When they are released later, the
    /// whole waiting time starts again.
    /// </summary>
    internal static async Task UnmarkAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
    {
        if (contentIds.Count > 0)
        {
            await connection.Sql(Unmark, [contentIds.ToArray()]).ExecuteAsync(cancellationToken);
        }
    }

    /// <summary>Removes the blobs among these that no content, backbone or head has.</summary>
    /// <param name="sha256s">Hashes of blobs that were not written for a while. Writers of a model's files hold no lock.</param>
    /// <param name="deleteBlob">Deletes a blob.</param>
    /// <param name="cancellationToken">Cancels; some blobs may be gone.</param>
    /// <returns>How many were removed.</returns>
    public Task<int> SweepAsync(
        IReadOnlyCollection<byte[]> sha256s, Func<byte[], CancellationToken, Task> deleteBlob, CancellationToken cancellationToken) =>
        UnclaimedBlobs.SweepAsync(dataSource, sha256s, deleteBlob, cancellationToken);

    /// <summary>
    /// Removes contents marked for long enough: their rows in one transaction, then their bytes, a few at a time. A concurrent submission
    /// of the same bytes waits, finds no content, and stores it again. The history of groups keeps the ids. What a crash leaves of the
    /// bytes is swept.
    /// </summary>
    /// <param name="unreferencedFor">How long.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="deleteBlob">Deletes a content's bytes.</param>
    /// <param name="cancellationToken">Cancels; bytes may be left.</param>
    /// <returns>Rows removed, by kind; <c>contents</c> of them.</returns>
    public async Task<IReadOnlyDictionary<string, long>> CollectAsync(
        TimeSpan unreferencedFor, int limit, Func<byte[], CancellationToken, Task> deleteBlob, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var locked = await connection.Sql(Lock, [unreferencedFor, limit])
            .WithoutTimeout().QueryAsync(row => row.GetInt64(0), cancellationToken);
        var unlinked = await connection.Sql(Unlinked, [locked.ToArray(), unreferencedFor])
            .QueryAsync(row => (Id: row.GetInt64(0), Sha256: row.GetFieldValue<byte[]>(1)), cancellationToken);
        if (unlinked.Count == 0)
        {
            return new Dictionary<string, long> { ["contents"] = 0 };
        }

        var counts = await ContentPurge.RemoveAsync(connection, [.. unlinked.Select(c => c.Id)], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await UnclaimedBlobs.SweepAsync(dataSource, [.. unlinked.Select(c => c.Sha256)], deleteBlob, cancellationToken);
        return counts;
    }

    // A statement after the lock: its snapshot sees images that were linked before it.
    private static async Task MarkAsync(NpgsqlConnection connection, long[] unused, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var locked = await connection.Sql(LockUnused, [unused]).WithoutTimeout().QueryAsync(row => row.GetInt64(0), cancellationToken);

        await connection.Sql(Mark, [locked.ToArray()]).WithoutTimeout().ExecuteAsync(cancellationToken);

        await transaction.CommitAsync(cancellationToken);
    }
}
