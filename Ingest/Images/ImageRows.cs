using CpfPipeline.Data.Sql;
using CpfPipeline.Vocabulary;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Ingest.Images;

/// <summary>The images of a batch: locked, merged by <see cref="RevisionRule"/>, and written as a whole.</summary>
internal static class ImageRows
{
    private const string Lock = """
        select i.image_id, i.state, i.content_id, i.product_key, i.key_scope, i.uri, i.reject_reason, i.reject_detail, i.revision,
               i.applied_revision, i.failed_revision, i.failed_reason, i.failed_detail, i.failed_uri, i.failed_product_key,
               i.failed_key_scope, u.content_id, u.product_key, u.key_scope, u.uri, u.revision
        from cpf.images i
        left join cpf.image_updates u on u.image_id = i.image_id
        where i.image_id = any($1)
        order by i.image_id
        for update of i
        """;

    private const string Upsert = """
        insert into cpf.images as i
               (image_id, source, external_id, uri, product_key, key_scope, content_id, state, reject_reason, reject_detail, revision,
                applied_revision, failed_revision, failed_reason, failed_detail, failed_uri, failed_product_key, failed_key_scope,
                feed_id, fetched_at, failed_at)
        select image_id, source, external_id, uri, product_key, key_scope, content_id, state, reject_reason, reject_detail, revision,
               applied_revision, failed_revision, failed_reason, failed_detail, failed_uri, failed_product_key, failed_key_scope,
               feed_id, fetched_at,
               case when failed_reason is not null then now() end
        from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
             as t(image_id, source, external_id, uri, product_key, key_scope, content_id, state, reject_reason, reject_detail, revision,
                  applied_revision, failed_revision, failed_reason, failed_detail, failed_uri, failed_product_key, failed_key_scope,
                  feed_id, fetched_at)
        order by image_id
        on conflict (image_id) do update set
            uri              = excluded.uri,
            product_key      = excluded.product_key,
            key_scope        = excluded.key_scope,
            content_id       = excluded.content_id,
            state            = excluded.state,
            reject_reason    = excluded.reject_reason,
            reject_detail    = excluded.reject_detail,
            revision         = excluded.revision,
            applied_revision = excluded.applied_revision,
            failed_revision  = excluded.failed_revision,
            failed_reason    = excluded.failed_reason,
            failed_detail    = excluded.failed_detail,
            failed_uri       = excluded.failed_uri,
            failed_product_key = excluded.failed_product_key,
            failed_key_scope = excluded.failed_key_scope,
            feed_id          = excluded.feed_id,
            fetched_at       = coalesce(excluded.fetched_at, i.fetched_at),
            failed_at        = case when (excluded.failed_revision, excluded.failed_reason)
                                         is not distinct from (i.failed_revision, i.failed_reason)
                                    then i.failed_at else excluded.failed_at end,
            updated_at       = now()
        returning i.image_id, i.xmax = 0 as inserted
        """;

    private const string UpsertWaiting = """
        insert into cpf.image_updates (image_id, content_id, uri, product_key, key_scope, revision)
        select image_id, content_id, uri, product_key, key_scope, revision
        from unnest($1, $2, $3, $4, $5, $6) as t(image_id, content_id, uri, product_key, key_scope, revision)
        on conflict (image_id) do update set
            content_id   = excluded.content_id,
            uri          = excluded.uri,
            product_key  = excluded.product_key,
            key_scope    = excluded.key_scope,
            revision     = excluded.revision,
            submitted_at = now()
        """;

    private const string Undecoded = """
        select c.content_id
        from cpf.models m
        cross join unnest($1) as c(content_id)
        where m.state = 'active'
          and not exists (select from cpf.embeddings e where e.head_id = m.head_id and e.content_id = c.content_id)
        """;

    private const string Renew = """
        update cpf.images i
        set fetched_at = t.fetched_at
        from unnest($1, $2, $3) as t(image_id, content_id, fetched_at)
        where i.image_id = t.image_id and i.content_id = t.content_id and (i.fetched_at is null or i.fetched_at < t.fetched_at)
        """;

    /// <summary>Locks the rows there are, by ascending id.</summary>
    public static async Task<Dictionary<Guid, ImageRow>> LockAsync(
        NpgsqlConnection connection, IReadOnlyCollection<Guid> imageIds, CancellationToken cancellationToken)
    {
        var rows = await connection.Sql(Lock, [imageIds.ToArray()])
            .QueryAsync(row => (ImageId: row.GetGuid(0), Row: Read(row)), cancellationToken);
        return rows.ToDictionary(r => r.ImageId, r => r.Row);
    }

    /// <summary>
    /// The contents among these that were not decoded yet: those without an embedding under the active head. None while no model is active.
    /// </summary>
    public static async Task<HashSet<long>> FindUndecodedAsync(
        NpgsqlConnection connection, long[] contentIds, CancellationToken cancellationToken) =>
        contentIds.Length == 0
            ? [] : [.. await connection.Sql(Undecoded, [contentIds]).QueryAsync(row => row.GetInt64(0), cancellationToken)];

    /// <summary>Writes rows as they are.</summary>
    /// <param name="connection">Holds the locks of the rows that exist.</param>
    /// <param name="changes">
    /// A change of each image, which gives its name, its feed and the time of its fetch. It is one with the row's content, if there is one.
    /// </param>
    /// <param name="rows">The row of each image.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The images that had no row.</returns>
    public static async Task<HashSet<Guid>> WriteAsync(
        NpgsqlConnection connection, IReadOnlyList<ImageChange> changes, IReadOnlyDictionary<Guid, ImageRow> rows,
        CancellationToken cancellationToken)
    {
        var written = changes.Select(c => rows[c.ImageId]).ToArray();
        var upserted = await connection.Sql(Upsert, [
            changes.Select(c => c.ImageId).ToArray(),
            Texts(changes.Select(c => c.Source)),
            Texts(changes.Select(c => c.ExternalId)),
            Texts(written.Select(r => r.Current.Uri)),
            Texts(written.Select(r => r.Current.ProductKey)),
            Texts(written.Select(r => r.Current.KeyScope)),
            Numbers(written.Select(r => r.Current.ContentId)),
            Texts(written.Select(r => r.Current.State)),
            Texts(written.Select(r => r.Current.Reason)),
            Texts(written.Select(r => r.Current.Detail)),
            Numbers(written.Select(r => (long?)r.Current.Revision)),
            Numbers(written.Select(r => r.AppliedRevision)),
            Numbers(written.Select(r => r.Failed is { HasNoRevision: false } failed ? failed.Revision : (long?)null)),
            Texts(written.Select(r => r.Failed?.Reason)),
            Texts(written.Select(r => r.Failed?.Detail)),
            Texts(written.Select(r => Submitted(r.Failed)?.Uri)),
            Texts(written.Select(r => Submitted(r.Failed)?.ProductKey)),
            Texts(written.Select(r => Submitted(r.Failed)?.KeyScope)),
            Numbers(changes.Select(c => c.FeedId)),
            new NpgsqlParameter
            {
                Value = changes.Zip(written, FetchedAt).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
            },
        ]).QueryAsync(row => (ImageId: row.GetGuid(0), IsNew: row.GetBoolean(1)), cancellationToken);
        await WriteWaitingAsync(connection, changes, rows, cancellationToken);
        return [.. upserted.Where(u => u.IsNew).Select(u => u.ImageId)];
    }

    /// <summary>
    /// Notes that bytes were fetched again and are what the images show, for rows that say nothing new otherwise: they are not due again
    /// at once.
    /// </summary>
    /// <param name="connection">Holds the locks of the rows.</param>
    /// <param name="changes">Changes of live images to the content that they show, with the time of the fetch.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task RenewAsync(
        NpgsqlConnection connection, IReadOnlyCollection<ImageChange> changes, CancellationToken cancellationToken)
    {
        if (changes.Count > 0)
        {
            await connection.Sql(Renew, [
                changes.Select(c => c.ImageId).ToArray(), changes.Select(c => c.Content!.ContentId).ToArray(),
                changes.Select(c => c.FetchedAt!.Value.ToUniversalTime()).ToArray(),
            ]).ExecuteAsync(cancellationToken);
        }
    }

    private static async Task WriteWaitingAsync(
        NpgsqlConnection connection, IReadOnlyList<ImageChange> changes, IReadOnlyDictionary<Guid, ImageRow> rows,
        CancellationToken cancellationToken)
    {
        await connection.Sql(
            "delete from cpf.image_updates where image_id = any($1)",
            [changes.Select(c => c.ImageId).Where(id => rows[id].Waiting is null).ToArray()]).ExecuteAsync(cancellationToken);
        var waiting = changes.Select(c => (c.ImageId, Version: rows[c.ImageId].Waiting!)).Where(w => w.Version is not null).ToArray();
        if (waiting.Length > 0)
        {
            await connection.Sql(UpsertWaiting, [
                waiting.Select(w => w.ImageId).ToArray(),
                Numbers(waiting.Select(w => w.Version.ContentId)),
                Texts(waiting.Select(w => w.Version.Uri)),
                Texts(waiting.Select(w => w.Version.ProductKey)),
                Texts(waiting.Select(w => w.Version.KeyScope)),
                Numbers(waiting.Select(w => (long?)w.Version.Revision)),
            ]).ExecuteAsync(cancellationToken);
        }
    }

    private static ImageRow Read(NpgsqlDataReader reader)
    {
        var state = reader.GetString(1);
        var current = new ImageVersion
        {
            State = state, ContentId = reader.GetOrNull<long>(2), ProductKey = reader.GetStringOrNull(3), KeyScope = reader.GetString(
                4), Uri = reader.GetString(5),
            Reason = reader.GetStringOrNull(6), Detail = reader.GetStringOrNull(7), Revision = reader.GetInt64(8),
        };
        var failed = reader.IsDBNull(11) ? null : new ImageVersion
        {
            State = ImageState.Rejected, Revision = reader.GetOrNull<long>(10) ?? ImageChange.NoRevision, Reason = reader.GetString(11),
            Detail = reader.GetStringOrNull(12), Uri = reader.GetStringOrNull(13) ?? "", ProductKey = reader.GetStringOrNull(14),
            KeyScope = reader.GetStringOrNull(15) ?? ProductKeyScope.Source,
        };
        var waiting = reader.IsDBNull(16) ? null : new ImageVersion
        {
            State = ImageState.Stored, ContentId = reader.GetInt64(16), ProductKey = reader.GetStringOrNull(17),
            KeyScope = reader.GetString(18), Uri = reader.GetString(19), Revision = reader.GetInt64(20),
        };
        return new ImageRow(current, reader.GetOrNull<long>(9), failed, waiting);
    }

    // Failures of before this was kept have no address.
    private static ImageVersion? Submitted(ImageVersion? failed) => failed is { Uri.Length: > 0 } ? failed : null;

    private static DateTimeOffset? FetchedAt(ImageChange change, ImageRow row) =>
        row.Current.State == ImageState.Stored && change.Content?.ContentId == row.Current.ContentId ? change.FetchedAt : null;

    private static NpgsqlParameter Texts(IEnumerable<string?> values) =>
        new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static NpgsqlParameter Numbers(IEnumerable<long?> values) =>
        new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint };
}
