using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Sql;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>
/// Finishes erasures. The purge waits until the Matcher has taken the content out of the groups. Every step can be repeated at any point.
/// Rows are locked as <see cref="ImageStore"/> locks them.
/// </summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class ErasurePurge(NpgsqlDataSource dataSource)
{
    // Its id is needed while the Matcher works with it or subscribers have not been told.
    private const string InActiveGroups = """
        select exists (
            select from cpf.models m
            where m.state = 'active'
              and (exists (select from cpf.group_members g where g.model_id = m.model_id and g.content_id = $1)
                or exists (select from cpf.group_members g where g.model_id = m.model_id and g.group_id = $1)
                or exists (select from cpf.group_members g where g.model_id = m.model_id and g.component_id = $1)
                or exists (select from cpf.groups        g where g.model_id = m.model_id and g.group_id = $1)
                or exists (select from cpf.group_merges  g where g.model_id = m.model_id and g."left" = $1)
                or exists (select from cpf.group_merges  g where g.model_id = m.model_id and g."right" = $1)))
        """;

    // Of an image's former contents, whose erasures have its tombstone.
    private const string UnfinishedParts = """
        select exists (
            select from cpf.tombstones t
            join cpf.erasures e on e.tombstone = t.hash
            where t.erasure_id = $1 and e.erasure_id <> $1 and e.state <> 'finished')
        """;

    /// <summary>The bytes' hash, while the content still has a row; null afterwards.</summary>
    public async Task<byte[]?> FindSha256Async(long contentId, CancellationToken cancellationToken)
    {
        return await dataSource.Sql("select sha256 from cpf.contents where content_id = $1", [contentId])
            .ScalarAsync<byte[]?>(cancellationToken);
    }

    /// <summary>Records that the bytes are gone.</summary>
    public async Task MarkDeletedAsync(long erasureId, CancellationToken cancellationToken)
    {
        await dataSource.Sql("update cpf.erasures set state = 'deleted' where erasure_id = $1 and state = 'unlinked'", [erasureId])
            .ExecuteAsync(cancellationToken);
    }

    /// <summary>
    /// Removes every row of the content, then its bytes, and completes the receipt, unless the active model's groups or messages to
    /// subscribers still name it. The erasure of an image keeps the content when another image has started to use it.
    /// </summary>
    /// <param name="erasureId">The erasure.</param>
    /// <param name="deleteBlob">Deletes the bytes. Only who submits the same bytes waits for it.</param>
    /// <param name="cancellationToken">Cancels; the rows may be gone, and the bytes. The next call does the rest.</param>
    /// <returns>False when it is not possible yet. Try again later.</returns>
    public async Task<bool> TryFinishAsync(
        long erasureId, Func<byte[], CancellationToken, Task> deleteBlob, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await TryRemoveRowsAsync(connection, erasureId, cancellationToken)
            && await ErasedBytes.FinishAsync(connection, erasureId, deleteBlob, cancellationToken);
    }

    // In one transaction under the group lock, in which nothing is asked but the database.
    private static async Task<bool> TryRemoveRowsAsync(NpgsqlConnection connection, long erasureId, CancellationToken cancellationToken)
    {
        // Seen without holding up the Matcher, which is what is waited for, or which has nothing to do with it any more.
        var seen = await ErasureRows.ReadOneAsync(
            connection, "where erasure_id = $1", new NpgsqlParameter { Value = erasureId }, cancellationToken);
        if (seen is not { State: ErasureState.Unlinked or ErasureState.Deleted })
        {
            return true; // Done before, here or by another instance.
        }

        if (await IsWaitingAsync(connection, seen, cancellationToken))
        {
            return false;
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await TransactionLocks.TakeGroupsAsync(connection, cancellationToken);
        var erasure = await ErasureRows.ReadOneAsync(
            connection, "where erasure_id = $1 and state in ('unlinked', 'deleted') for update", new NpgsqlParameter { Value = erasureId },
            cancellationToken);
        if (erasure is null)
        {
            return true; // Done meanwhile.
        }

        // Without a content: an image that had none, whose former ones are gone now.
        if (erasure.ContentId is not { } contentId)
        {
            await ErasureRows.FinishAsync(connection, erasureId, new Dictionary<string, long> { ["contents"] = 0 }, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return true;
        }

        var sha256 = await ContentLocks.TakeAsync(connection, contentId, cancellationToken);
        if (erasure.Scope == ErasureScope.Image && await ErasureRows.IsLiveAsync(connection, contentId, cancellationToken))
        {
            await ErasureRows.FinishAsync(connection, erasureId, new Dictionary<string, long> { ["contents"] = 0 }, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return true;
        }

        if (await IsInActiveGroupsAsync(connection, contentId, cancellationToken)
            || !await OutboxTraces.ForgetContentAsync(connection, contentId, cancellationToken))
        {
            return false;
        }

        await TransactionLocks.TakeMatchesAsync(connection, cancellationToken);
        var counts = await ContentPurge.RemoveAsync(connection, [contentId], cancellationToken);
        foreach (var (kind, count) in await ContentPurge.ScrubAsync(connection, contentId, -erasureId, cancellationToken))
        {
            counts[kind] = count;
        }

        await (sha256 is null
            ? ErasureRows.FinishAsync(connection, erasureId, counts, cancellationToken)
            : ErasureRows.PurgeAsync(connection, erasureId, counts, sha256, cancellationToken));
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private static async Task<bool> IsInActiveGroupsAsync(NpgsqlConnection connection, long contentId, CancellationToken cancellationToken)
    {
        return await connection.Sql(InActiveGroups, [contentId]).WithoutTimeout().ScalarAsync<bool>(cancellationToken);
    }

    private static async Task<bool> HasUnfinishedPartsAsync(
        NpgsqlConnection connection, long erasureId, CancellationToken cancellationToken)
    {
        return await connection.Sql(UnfinishedParts, [erasureId]).WithoutTimeout().ScalarAsync<bool>(cancellationToken);
    }

    private static async Task<bool> IsWaitingAsync(NpgsqlConnection connection, Erasure erasure, CancellationToken cancellationToken) =>
        await HasUnfinishedPartsAsync(connection, erasure.ErasureId, cancellationToken)
        || await IsNamedAsync(connection, erasure, cancellationToken);

    private static async Task<bool> IsNamedAsync(NpgsqlConnection connection, Erasure erasure, CancellationToken cancellationToken) =>
        erasure.ContentId is { } id
        && (await IsInActiveGroupsAsync(connection, id, cancellationToken)
            || await OutboxTraces.WouldNameContentAsync(connection, id, cancellationToken))
        && !(erasure.Scope == ErasureScope.Image && await ErasureRows.IsLiveAsync(connection, id, cancellationToken));
}
