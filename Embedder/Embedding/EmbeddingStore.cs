using CpfPipeline.Data.Models;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Sql;
using Npgsql;
using NpgsqlTypes;
using Pgvector;

namespace CpfPipeline.Embedder.Embedding;

/// <summary>Features and embeddings. A stored one is never overwritten: it is the truth that similarities are computed from.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class EmbeddingStore(NpgsqlDataSource dataSource)
{
    /// <summary>What of these contents is stored; contents that do not exist are left out. Ordered by id.</summary>
    public async Task<IReadOnlyList<ContentWork>> ReadWorkAsync(
        IReadOnlyCollection<long> contentIds, IReadOnlyCollection<long> backboneIds, IReadOnlyCollection<long> headIds,
        CancellationToken cancellationToken)
    {
        return await dataSource.Sql(
            """
            select c.content_id, c.sha256, c.state, c.reject_reason, c.reject_detail,
                   array(select f.backbone_id from cpf.features   f where f.backbone_id = any($2) and f.content_id = c.content_id),
                   array(select e.head_id     from cpf.embeddings e where e.head_id     = any($3) and e.content_id = c.content_id)
            from cpf.contents c
            where c.content_id = any($1)
            order by c.content_id
            """, [contentIds.ToArray(), backboneIds.ToArray(), headIds.ToArray()]).QueryAsync(row => new ContentWork(
                row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.GetString(2),
                row.GetStringOrNull(3),
                row.GetStringOrNull(4),
                row.GetFieldValue<long[]>(5), row.GetFieldValue<long[]>(6)), cancellationToken);
    }

    /// <summary>The stored features of contents under a backbone, by content; those that have none are left out.</summary>
    public async Task<IReadOnlyDictionary<long, ReadOnlyMemory<Half>>> ReadFeaturesAsync(
        long backboneId, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
    {
        var features = await dataSource.Sql(
            """
            select content_id, feature
            from cpf.features
            where backbone_id = $1 and content_id = any($2)
            """, [backboneId, contentIds.ToArray()])
            .QueryAsync(row => (ContentId: row.GetInt64(0), row.GetFieldValue<HalfVector>(1).Memory), cancellationToken);
        return features.ToDictionary(f => f.ContentId, f => f.Memory);
    }

    /// <summary>
    /// Stores features and embeddings of contents that are still <c>stored</c> and appends the messages, in one transaction that holds the
    /// serving models' rows: until it ends, no model becomes active or stops serving. Updates of live images that waited for these contents
    /// to be decoded take effect.
    /// </summary>
    /// <param name="batch">What was computed.</param>
    /// <param name="messages">
    /// Given, by head, the contents that have an embedding now, and those that images ceased to show: what to publish.
    /// </param>
    /// <param name="cancellationToken">Cancels; nothing is changed then.</param>
    public async Task<EmbeddingCommit> CommitAsync(
        EmbeddingBatch batch,
        Func<IReadOnlyDictionary<long, IReadOnlyList<long>>, IReadOnlyCollection<long>, IReadOnlyCollection<object>> messages,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ModelStore.LockServingAsync(connection, cancellationToken);

        // The lock may have waited for a transition, and its snapshot is older than that: a second look sees what came with it.
        var serving = await ModelStore.LockServingAsync(connection, cancellationToken);
        if (!serving.Select(m => m.HeadId).ToHashSet().SetEquals(batch.HeadIds))
        {
            return new EmbeddingCommit(true, [], 0, []);
        }

        await MarkBlankAsync(connection, batch.Blank, cancellationToken);
        var stored = await LockStoredAsync(connection, batch, cancellationToken);
        var overtaken = new HashSet<(long Backbone, long Content)>();
        foreach (var rows in batch.Features.OrderBy(f => f.BackboneId))
        {
            var inserted = await InsertAsync(
                connection, InsertFeatures, rows.BackboneId, rows.ContentIds, rows.Features, stored.Contains, cancellationToken);
            overtaken.UnionWith(
                rows.ContentIds.Where(id => stored.Contains(id) && !inserted.Contains(id)).Select(id => (rows.BackboneId, id)));
        }

        var embedded = new Dictionary<long, IReadOnlyList<long>>();
        var count = 0;
        foreach (var headId in batch.HeadIds.Order())
        {
            var now = batch.EmbeddedBefore.GetValueOrDefault(headId, []).Where(stored.Contains).ToList();
            foreach (var rows in batch.Embeddings.Where(e => e.HeadId == headId))
            {
                bool Wanted(long id) => stored.Contains(id) && !overtaken.Contains((rows.BackboneId, id));
                count += (await InsertAsync(
                    connection, InsertEmbeddings, headId, rows.ContentIds, rows.Embeddings, Wanted, cancellationToken)).Count;
                now.AddRange(rows.ContentIds.Where(Wanted));
            }

            embedded[headId] = now;
        }

        var replaced = await ShowUpdatesAsync(connection, [.. embedded.Values.SelectMany(ids => ids).Distinct()], cancellationToken);
        var outbox = await OutboxStore.AppendAsync(connection, messages(embedded, replaced), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new EmbeddingCommit(false, [.. overtaken.Select(o => o.Content).Distinct().Order()], count, outbox);
    }

    /// <summary>
    /// Marks pictures of one colour in the caller's transaction. Call it before a shared lock is taken: two transactions that hold one on
    /// the same row could not both write the row.
    /// </summary>
    public static async Task MarkBlankAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
    {
        if (contentIds.Count == 0)
        {
            return;
        }

        await connection.Sql(
            """
            with locked as materialized (
                select content_id
                from cpf.contents
                where content_id = any($1) and state = 'stored' and not blank
                order by content_id
                for no key update
            )
            update cpf.contents c set blank = true from locked l where c.content_id = l.content_id
            """, [contentIds.ToArray()]).ExecuteAsync(cancellationToken);
    }

    private static Task<HashSet<long>> LockStoredAsync(
        NpgsqlConnection connection, EmbeddingBatch batch, CancellationToken cancellationToken)
    {
        var ids = batch.Features.SelectMany(f => f.ContentIds)
            .Concat(batch.Embeddings.SelectMany(e => e.ContentIds))
            .Concat(batch.EmbeddedBefore.Values.SelectMany(v => v))
            .Distinct().ToArray();
        return ContentLocks.ShareAsync(connection, ids, cancellationToken);
    }

    private static async Task<SortedSet<long>> ShowUpdatesAsync(
        NpgsqlConnection connection, long[] contentIds, CancellationToken cancellationToken) =>
        [.. await connection.Sql(ShowUpdates, [contentIds]).QueryAsync(row => row.GetInt64(0), cancellationToken)];

    // Images before their updates, by ascending id, as Ingest locks them.
    private const string ShowUpdates = """
        with waiting as materialized (
            select i.image_id, i.content_id as replaced, u.content_id, u.uri, u.product_key, u.key_scope, u.revision
            from cpf.images i
            join cpf.image_updates u on u.image_id = i.image_id
            where u.content_id = any($1) and i.state = 'stored'
            order by i.image_id
            for update of i, u
        ), gone as (
            delete from cpf.image_updates u using waiting w where u.image_id = w.image_id
        )
        update cpf.images i
        set content_id = w.content_id, uri = w.uri, product_key = w.product_key, key_scope = w.key_scope, revision = w.revision,
            applied_revision = w.revision,
            failed_revision  = case when i.failed_revision > w.revision then i.failed_revision end,
            failed_reason    = case when i.failed_revision > w.revision then i.failed_reason end,
            failed_detail    = case when i.failed_revision > w.revision then i.failed_detail end,
            failed_at        = case when i.failed_revision > w.revision then i.failed_at end,
            failed_uri         = case when i.failed_revision > w.revision then i.failed_uri end,
            failed_product_key = case when i.failed_revision > w.revision then i.failed_product_key end,
            failed_key_scope   = case when i.failed_revision > w.revision then i.failed_key_scope end,
            updated_at       = now()
        from waiting w
        where i.image_id = w.image_id
        returning w.replaced
        """;

    // Ordered by id: two transactions that insert the same contents wait for each other in one direction only.
    private const string InsertFeatures = """
        insert into cpf.features (backbone_id, content_id, feature)
        select $1, n.content_id, n.feature
        from unnest($2, $3) as n(content_id, feature)
        order by n.content_id
        on conflict (backbone_id, content_id) do nothing
        returning content_id
        """;

    private const string InsertEmbeddings = """
        insert into cpf.embeddings (head_id, content_id, embedding)
        select $1, n.content_id, n.embedding
        from unnest($2, $3) as n(content_id, embedding)
        order by n.content_id
        on conflict (head_id, content_id) do nothing
        returning content_id
        """;

    private static async Task<HashSet<long>> InsertAsync(
        NpgsqlConnection connection, string sql, long owner, IReadOnlyList<long> contentIds, IReadOnlyList<ReadOnlyMemory<Half>> vectors,
        Func<long, bool> wanted, CancellationToken cancellationToken)
    {
        var rows = Enumerable.Range(0, contentIds.Count).Where(i => wanted(contentIds[i])).ToList();
        if (rows.Count == 0)
        {
            return [];
        }

        var inserted = await connection.Sql(sql, [
            owner,
            new NpgsqlParameter
            {
                Value = rows.Select(i => contentIds[i]).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint,
            },
            rows.Select(i => new HalfVector(vectors[i])).ToArray(),
        ]).QueryAsync(row => row.GetInt64(0), cancellationToken);
        return [.. inserted];
    }
}
