using CpfPipeline.Data.Erasures;
using CpfPipeline.Data.Sql;
using CpfPipeline.Ingest.Erasures;
using CpfPipeline.Vocabulary;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Ingest.Images;

/// <summary>The contents of a batch: inserted where new, locked against the Embedder's and an erasure's verdict, and judged.</summary>
internal static class ContentRows
{
    private const string ContentErased = "The content was erased and may not come back.";

    private const string Insert = """
        insert into cpf.contents (content_id, sha256, format, width, height, byte_length)
        select content_id, sha256, format, width, height, byte_length
        from unnest($1, $2, $3, $4, $5, $6) as t(content_id, sha256, format, width, height, byte_length)
        order by content_id
        on conflict do nothing
        returning content_id
        """;

    private const string TakeBack = """
        update cpf.contents set state = 'stored', reject_reason = null, reject_detail = null
        where state = 'undecodable' and content_id in (
            select content_id from cpf.contents where sha256 = any($1) order by content_id for no key update)
        """;

    private const string Lock = """
        select content_id, sha256, state, reject_reason, reject_detail
        from cpf.contents
        where content_id = any($1)
        order by content_id
        for share
        """;

    /// <summary>
    /// The changes. Those are rejected whose content is undecodable, was erased, or has the id of another content, or whose image was
    /// erased. Tombstones are looked up once the contents are locked, because an erasure holds that lock until its tombstone is visible. A
    /// new content gets no row when it was erased, or when only erased images would show it. Its row is inserted and removed here, so that
    /// another submission of the same bytes waits for this transaction. A content is no longer undecodable when the bytes that were judged
    /// had been damaged in the blob store.
    /// </summary>
    public static async Task<Judgement?> JudgeAsync(
        NpgsqlConnection connection, IReadOnlyList<ImageChange> changes, TombstoneKey key, CancellationToken cancellationToken)
    {
        var contents = changes.Where(c => c.Content is not null).Select(c => c.Content!).OrderByDescending(c => c.ReplacesDamaged)
            .DistinctBy(c => c.ContentId).ToArray();
        HashSet<long> inserted = [];
        Dictionary<long, Row> rows = [];
        if (contents.Length > 0)
        {
            await TakeBackAsync(connection, [.. contents.Where(c => c.ReplacesDamaged).Select(c => c.Sha256)], cancellationToken);
            inserted = await InsertAsync(connection, contents, cancellationToken);
            rows = await LockAsync(connection, contents, cancellationToken);
            if (contents.Any(c => !rows.ContainsKey(c.ContentId)))
            {
                return null; // Collected or erased while this transaction waited for its row: store it again.
            }
        }

        var contentHashes = contents.ToDictionary(c => c.ContentId, c => key.OfContent(c.Sha256));
        var imageHashes = changes.DistinctBy(c => c.ImageId).ToDictionary(c => c.ImageId, c => key.OfImage(c.Source, c.ExternalId));
        var tombstones = await TombstoneStore.FindAsync(
            connection, key, [.. contentHashes.Values, .. imageHashes.Values], cancellationToken);
        var erasedImages = imageHashes.Where(h => tombstones.Contains(h.Value)).Select(h => h.Key).ToHashSet();
        var erasedContents = contents.Where(c => tombstones.Contains(contentHashes[c.ContentId])).Select(c => c.ContentId).ToHashSet();
        var wanted = changes.Where(c => c.Content is not null && !erasedImages.Contains(c.ImageId))
            .Select(c => c.Content!.ContentId).ToHashSet();
        var removed = inserted.Where(id => erasedContents.Contains(id) || !wanted.Contains(id)).ToHashSet();
        await RemoveAsync(connection, [.. removed], cancellationToken);
        var unwanted = changes.Select(c => c.Content).OfType<ContentFacts>()
            .Where(c => removed.Contains(c.ContentId) || erasedContents.Contains(c.ContentId) || !IsOf(rows[c.ContentId], c))
            .Select(c => c.Sha256).ToHashSet(BytesComparer.Instance);
        return new Judgement(
            [.. changes.Select(change =>
                erasedImages.Contains(change.ImageId) ? Forget(change, "The image was erased and may not come back.")
                : change.Content is not { } content ? change
                : erasedContents.Contains(content.ContentId) ? Forget(change, ContentErased)
                : Judge(change, content, rows[content.ContentId]))],
            erasedImages,
            unwanted);
    }

    /// <summary>Whether one of the images was erased, as committed now.</summary>
    public static async Task<bool> AnyErasedAsync(
        NpgsqlConnection connection, IEnumerable<ImageChange> changes, TombstoneKey key, CancellationToken cancellationToken)
    {
        var hashes = changes.Select(c => key.OfImage(c.Source, c.ExternalId)).ToArray();
        return hashes.Length > 0 && (await TombstoneStore.FindAsync(connection, key, hashes, cancellationToken)).Count > 0;
    }

    private static ImageChange Judge(ImageChange change, ContentFacts content, Row row)
    {
        if (!IsOf(row, content))
        {
            return Reject(change, RejectReasons.IdCollision, "Another content with the same 63-bit id is stored already.");
        }

        return row.State switch
        {
            ContentState.Stored => change,
            ContentState.Erased => Forget(change, ContentErased),
            _ => Reject(change, row.Reason ?? RejectReasons.Undecodable, row.Detail),
        };
    }

    private static bool IsOf(Row row, ContentFacts content) => row.Sha256.AsSpan().SequenceEqual(content.Sha256);

    private static ImageChange Reject(ImageChange change, string reason, string? detail) =>
        change with { State = ImageState.Rejected, Content = null, RejectReason = reason, RejectDetail = detail };

    // Nothing but its name is stored again.
    private static ImageChange Forget(ImageChange change, string detail) =>
        Reject(change, RejectReasons.Erased, detail) with { Uri = "", ProductKey = null, KeyScope = ProductKeyScope.Source };

    private static async Task RemoveAsync(NpgsqlConnection connection, long[] contentIds, CancellationToken cancellationToken)
    {
        if (contentIds.Length == 0)
        {
            return;
        }

        await connection.Sql("delete from cpf.contents where content_id = any($1)", [contentIds]).ExecuteAsync(cancellationToken);
    }

    private static async Task TakeBackAsync(NpgsqlConnection connection, byte[][] sha256s, CancellationToken cancellationToken)
    {
        if (sha256s.Length > 0)
        {
            var hashes = new NpgsqlParameter { Value = sha256s, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea };
            await connection.Sql(TakeBack, [hashes]).ExecuteAsync(cancellationToken);
        }
    }

    private static async Task<HashSet<long>> InsertAsync(
        NpgsqlConnection connection, ContentFacts[] contents, CancellationToken cancellationToken)
    {
        var inserted = await connection.Sql(Insert, [
            contents.Select(c => c.ContentId).ToArray(),
            new NpgsqlParameter { Value = contents.Select(c => c.Sha256)
                .ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea },
            contents.Select(c => c.Format).ToArray(), contents.Select(c => c.Width).ToArray(), contents.Select(c => c.Height).ToArray(),
            contents.Select(c => c.ByteLength).ToArray(),
        ]).QueryAsync(row => row.GetInt64(0), cancellationToken);
        return [.. inserted];
    }

    private static async Task<Dictionary<long, Row>> LockAsync(
        NpgsqlConnection connection, ContentFacts[] contents, CancellationToken cancellationToken)
    {
        var rows = await connection.Sql(Lock, [contents.Select(c => c.ContentId).ToArray()]).QueryAsync(
            row => (ContentId: row.GetInt64(0),
                Row: new Row(row.GetFieldValue<byte[]>(1), row.GetString(2), row.GetStringOrNull(3), row.GetStringOrNull(4))),
                    cancellationToken);
        return rows.ToDictionary(r => r.ContentId, r => r.Row);
    }

    /// <param name="Changes">The changes, in their order.</param>
    /// <param name="ErasedImages">Images of which no row may be written.</param>
    /// <param name="Unwanted">SHA-256 of refused bytes without a row.</param>
    internal sealed record Judgement(
        IReadOnlyList<ImageChange> Changes, IReadOnlySet<Guid> ErasedImages, IReadOnlyCollection<byte[]> Unwanted);

    private sealed record Row(byte[] Sha256, string State, string? Reason, string? Detail);
}
