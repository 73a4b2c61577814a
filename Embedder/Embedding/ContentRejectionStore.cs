using CpfPipeline.Data.Outbox;
using CpfPipeline.Data.Sql;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Embedder.Embedding;

/// <summary>Marks contents as undecodable and rejects the images that refer to them.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class ContentRejectionStore(NpgsqlDataSource dataSource)
{
    /// <summary>
    /// In one transaction: locks the contents (Ingest shares that lock when it links an image), marks those that are
    /// <c>stored</c> as <c>undecodable</c>, and rejects every live image of the undecodable ones with the stored reason. An image
    /// that shows an older content, which one of these was to replace, keeps it, and its row says that the update failed. Doing it
    /// again changes nothing.
    /// </summary>
    /// <param name="rejections">At most one per content.</param>
    /// <param name="messages">Given the images rejected now, what to publish.</param>
    /// <param name="cancellationToken">Cancels; nothing is changed then.</param>
    /// <returns>The outbox rows to dispatch.</returns>
    public async Task<IReadOnlyList<OutboxMessage>> RejectAsync(
        IReadOnlyCollection<ContentRejection> rejections, Func<IReadOnlyList<RejectedImage>, IReadOnlyCollection<object>> messages,
        CancellationToken cancellationToken)
    {
        var ids = rejections.Select(r => r.ContentId).ToArray();
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.Sql(
            """
            with locked as materialized (
                select content_id from cpf.contents where content_id = any($1) order by content_id for update
            )
            update cpf.contents c
            set state = 'undecodable', reject_reason = r.reason, reject_detail = r.detail
            from unnest($1, $2, $3) as r(content_id, reason, detail)
            join locked using (content_id)
            where c.content_id = r.content_id and c.state = 'stored'
            """, [
                ids,
                new NpgsqlParameter
                {
                    Value = rejections.Select(r => r.Reason).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
                },
                new NpgsqlParameter
                {
                    Value = rejections.Select(r => r.Detail).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
                }
            ])
            .ExecuteAsync(cancellationToken);

        var images = await RejectImagesAsync(connection, ids, cancellationToken);
        images.AddRange(await FailUpdatesAsync(connection, ids, cancellationToken));
        var outbox = await OutboxStore.AppendAsync(connection, messages(images), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return outbox;
    }

    // A statement of its own, so that its snapshot sees the images that were linked while the lock was waited for.
    private static async Task<List<RejectedImage>> RejectImagesAsync(
        NpgsqlConnection connection, long[] contentIds, CancellationToken cancellationToken)
    {
        return await connection.Sql(
            """
            update cpf.images i
            set state = 'rejected', content_id = null, updated_at = now(),
                revision      = coalesce(i.failed_revision, i.revision),
                reject_reason = case when i.failed_revision is null then c.reject_reason else i.failed_reason end,
                reject_detail = case when i.failed_revision is null then c.reject_detail else i.failed_detail end,
                uri           = case when i.failed_revision is null then i.uri         else coalesce(i.failed_uri, i.uri) end,
                product_key   = case when i.failed_revision is null or i.failed_uri is null then i.product_key
                                     else i.failed_product_key end,
                key_scope     = case when i.failed_revision is null then i.key_scope else coalesce(i.failed_key_scope, i.key_scope) end,
                failed_revision = null, failed_reason = null, failed_detail = null, failed_at = null,
                failed_uri = null, failed_product_key = null, failed_key_scope = null
            from cpf.contents c
            where c.content_id = any($1) and c.state = 'undecodable' and i.content_id = c.content_id and i.state = 'stored'
            returning i.image_id, i.source, i.external_id, coalesce(i.applied_revision, i.revision), c.content_id, c.reject_reason,
                      c.reject_detail
            """, [contentIds]).QueryAsync(Read, cancellationToken);
    }

    private static Task<List<RejectedImage>> FailUpdatesAsync(
        NpgsqlConnection connection, long[] contentIds, CancellationToken cancellationToken) =>
        connection.Sql(
            """
            with waiting as materialized (
                select i.image_id, u.revision, u.content_id, u.uri, u.product_key, u.key_scope
                from cpf.images i
                join cpf.image_updates u on u.image_id = i.image_id
                where u.content_id = any($1)
                order by i.image_id
                for update of i, u
            ), gone as (
                delete from cpf.image_updates u using waiting w where u.image_id = w.image_id
            )
            update cpf.images i
            set failed_revision = case when i.failed_revision > w.revision then i.failed_revision else w.revision end,
                failed_reason   = case when i.failed_revision > w.revision then i.failed_reason   else c.reject_reason end,
                failed_detail   = case when i.failed_revision > w.revision then i.failed_detail   else c.reject_detail end,
                failed_at       = case when i.failed_revision > w.revision then i.failed_at       else now() end,
                failed_uri         = case when i.failed_revision > w.revision then i.failed_uri         else w.uri end,
                failed_product_key = case when i.failed_revision > w.revision then i.failed_product_key else w.product_key end,
                failed_key_scope   = case when i.failed_revision > w.revision then i.failed_key_scope   else w.key_scope end,
                updated_at      = now()
            from waiting w
            join cpf.contents c on c.content_id = w.content_id and c.state = 'undecodable'
            where i.image_id = w.image_id and i.state = 'stored'
            returning i.image_id, i.source, i.external_id, w.revision, c.content_id, c.reject_reason, c.reject_detail
            """, [contentIds]).QueryAsync(Read, cancellationToken);

    private static RejectedImage Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt64(4), row.GetString(5), row.GetStringOrNull(6));
}
