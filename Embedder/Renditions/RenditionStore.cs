using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Embedder.Renditions;

/// <summary>Which contents may have renditions.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class RenditionStore(NpgsqlDataSource dataSource)
{
    /// <summary>SHA-256 of those contents that are <c>stored</c>.</summary>
    public async Task<IReadOnlyDictionary<long, byte[]>> ReadStoredAsync(
        IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
    {
        var stored = await dataSource.Sql(
            "select content_id, sha256 from cpf.contents where content_id = any($1) and state = 'stored'", [contentIds.ToArray()])
            .QueryAsync(row => (Id: row.GetInt64(0), Sha256: row.GetFieldValue<byte[]>(1)), cancellationToken);
        return stored.ToDictionary(c => c.Id, c => c.Sha256);
    }

    /// <summary>
    /// Writes while the content's row is held, as Ingest holds it when it writes or deletes bytes. So a content that is being erased or
    /// collected gets no file, and one that gets a file loses it with its bytes.
    /// </summary>
    /// <param name="contentId">The content.</param>
    /// <param name="write">Writes the file.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>False when the content is not stored any more; nothing is written then.</returns>
    public async Task<bool> WriteWhileStoredAsync(
        long contentId, Func<CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!(await ContentLocks.ShareAsync(connection, [contentId], cancellationToken)).Contains(contentId))
        {
            return false;
        }

        await write(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}
