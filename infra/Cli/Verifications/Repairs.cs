using CpfPipeline.Contracts;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Ids;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Data.Sql;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Cli.Verifications;

/// <summary>
/// Repairs what can be. What only the pipeline can make again (bytes, embeddings, groups) is ordered from it by messages in the outbox,
/// which its services publish. What is of no use to anybody is deleted.
/// </summary>
/// <param name="dataSource">The database, as the schema's owner.</param>
/// <param name="blobs">The blob store.</param>
/// <param name="request">What was verified.</param>
/// <param name="faults">Receives what was repaired, and why something was not.</param>
/// <param name="time">The clock.</param>
internal sealed class Repairs(NpgsqlDataSource dataSource, IBlobStore blobs, VerifyRequest request, Faults faults, TimeProvider time)
{
    private const int ChunkSize = 200;

    // Of a content that several images show, any of them brings the bytes back, if its host still has them.
    private const string Shown = """
        select encode(c.sha256, 'hex'), i.source, i.external_id, i.uri, i.product_key, i.key_scope, i.revision
        from cpf.contents c
        join cpf.images   i on i.content_id = c.content_id and i.state = 'stored'
        where c.sha256 = any($1) and i.uri ~ '^(https?|s3|file)://'
        """;

    // Images that were rejected because of what is damaged.
    private const string Rejected = """
        select encode(c.sha256, 'hex'), i.source, i.external_id, i.uri, i.product_key, i.key_scope, i.revision
        from cpf.contents c
        cross join lateral (select distinct h.image_id from cpf.image_contents h where h.content_id = c.content_id) h
        join cpf.images i on i.image_id = h.image_id and i.state = 'rejected' and i.reject_reason = c.reject_reason
        where c.sha256 = any($1) and c.state = 'undecodable' and i.uri ~ '^(https?|s3|file)://'
        """;

    private const string TakeBack = """
        update cpf.contents set state = 'stored', reject_reason = null, reject_detail = null where content_id = $1 and state = 'undecodable'
        """;

    /// <summary>Has missing and damaged blobs fetched again.</summary>
    public async Task FetchAsync(BlobFaults found, CancellationToken cancellationToken)
    {
        foreach (var (kind, sha256s) in new[] { (FaultKind.BlobMissing, found.Missing), (FaultKind.BlobDamaged, found.Damaged) })
        {
            foreach (var chunk in sha256s.Chunk(ChunkSize))
            {
                await FetchAsync(kind, chunk, cancellationToken);
            }
        }
    }

    /// <summary>Has embeddings, memberships and groups made again.</summary>
    public async Task OrderAsync(
        BlobFaults blobFaults, RowFaults rows, GroupFaults groups, CancellationToken cancellationToken)
    {
        // Without its bytes a content cannot be embedded; that comes when they have.
        var without = blobFaults.Missing.Concat(blobFaults.Damaged).Select(s => ContentId.FromSha256(Convert.FromHexString(s))).ToHashSet();
        await AnnounceAsync(
            rows.Of(FaultKind.EmbeddingMissing).Where(id => !without.Contains(id)).Chunk(ChunkSize)
                .Select(c => new EmbedContents { ContentIds = c }), cancellationToken);
        await AnnounceAsync(
            rows.Of(FaultKind.MemberGone).Concat(rows.Of(FaultKind.MemberMissing)).Chunk(ChunkSize)
                .Select(c => new ContentReleased { ContentIds = c }), cancellationToken);
        await AnnounceAsync(
            await WordsAsync(groups.Recompute, cancellationToken), cancellationToken);
        foreach (var kind in new[]
        {
            FaultKind.EmbeddingMissing, FaultKind.MemberGone, FaultKind.MemberMissing, FaultKind.ComponentApart, FaultKind.EdgeMissed,
            FaultKind.GroupsDiffer,
        })
        {
            RepairAll(kind);
        }
    }

    /// <summary>Deletes rows that refer to nothing.</summary>
    public async Task DeleteRowsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await TransactionLocks.TakeGroupsAsync(connection, cancellationToken);
        await TransactionLocks.TakeMatchesAsync(connection, cancellationToken);
        foreach (var (kind, sql) in new[]
        {
            (FaultKind.EmbeddingOrphaned, """
                delete from cpf.embeddings x where not exists (select from cpf.contents c where c.content_id = x.content_id)
                """),
            (FaultKind.EmbeddingOrphaned, """
                delete from cpf.features x where not exists (select from cpf.contents c where c.content_id = x.content_id)
                """),
            (FaultKind.MatchOrphaned, """
                delete from cpf.matches x
                where not exists (select from cpf.embeddings e where e.head_id = x.head_id and e.content_id = x.content_a)
                   or not exists (select from cpf.embeddings e where e.head_id = x.head_id and e.content_id = x.content_b)
                """),
            (FaultKind.GroupRow, """
                delete from cpf.groups g
                where not exists (select from cpf.group_members m where m.model_id = g.model_id and m.group_id = g.group_id)
                """),
            (FaultKind.GroupRow, """
                delete from cpf.group_merges g
                where not exists (select from cpf.group_members m where m.model_id = g.model_id and m.content_id = g."right")
                """),
        })
        {
            if (faults.Kinds.ContainsKey(kind))
            {
                await connection.Sql(sql).WithoutTimeout().ExecuteAsync(cancellationToken);
                RepairAll(kind);
            }
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Deletes files that are of no use, and blobs without a row as the pipeline's own sweep does.</summary>
    public async Task DeleteFilesAsync(BlobFaults found, CancellationToken cancellationToken)
    {
        foreach (var (kind, blob) in found.Deletable)
        {
            await blobs.DeleteAsync(blob, cancellationToken);
            faults.Repair(kind, 1);
        }

        var before = time.GetUtcNow() - request.OrphanAge;
        foreach (var chunk in found.Orphaned.Chunk(ChunkSize))
        {
            faults.Repair(FaultKind.BlobOrphaned, await UnclaimedBlobs.SweepAsync(
                dataSource, [.. chunk.Select(Convert.FromHexString)], (sha256, token) => blobs.DeleteOlderAsync(sha256, before, token),
                cancellationToken));
        }
    }

    /// <summary>Says why the rest is left.</summary>
    public void Explain()
    {
        Explain(FaultKind.BlobMissing, "uploaded, or not shown any more: take them from a backup, or have them submitted again");
        Explain(FaultKind.BlobDamaged, "uploaded, or not shown any more: take them from a backup. They are left as they are");
        Explain(FaultKind.ModelFile, "take it from a backup or from models export, and put it into the blob store under this name");
        Explain(FaultKind.ErasedRow, "start Ingest, which finishes erasures; a picture with a tombstone came in past it: please report");
    }

    private void Explain(string kind, string why)
    {
        if (faults.Kinds.TryGetValue(kind, out var found) && found.Count > found.Repaired)
        {
            faults.Explain(kind, why);
        }
    }

    private void RepairAll(string kind)
    {
        if (faults.Kinds.TryGetValue(kind, out var found))
        {
            faults.Repair(kind, found.Count - found.Repaired);
        }
    }

    // The message says what stands: whoever keeps a copy of the verdicts learns nothing wrong from it.
    private async Task<List<VerdictGiven>> WordsAsync(IReadOnlyCollection<(long A, long B)> pairs, CancellationToken cancellationToken) =>
        await dataSource.Sql(
            """
            select p.a, p.b, coalesce(v.verdict, 'withdrawn')
            from unnest($1, $2) as p(a, b)
            left join cpf.verdicts v on v.content_a = p.a and v.content_b = p.b
            """, [pairs.Select(p => p.A).ToArray(), pairs.Select(p => p.B).ToArray()]).QueryAsync(
                row => new VerdictGiven { ContentA = row.GetInt64(0), ContentB = row.GetInt64(1), Verdict = row.GetString(2) },
                cancellationToken);

    // Damaged bytes may count as the blob that comes: they go first, but only where it can come again, or where nobody shows them.
    private async Task FetchAsync(string kind, string[] sha256s, CancellationToken cancellationToken)
    {
        var images = await ReadAsync(Shown, sha256s, cancellationToken);
        var repaired = images.Select(i => i.Sha256).ToHashSet();
        if (kind == FaultKind.BlobDamaged)
        {
            images.AddRange(await ReadAsync(Rejected, sha256s, cancellationToken));
            repaired.UnionWith(await dataSource.Sql(
                "select encode(sha256, 'hex') from cpf.contents where sha256 = any($1) and state = 'undecodable'", [Hashes(sha256s)])
                .QueryAsync(row => row.GetString(0), cancellationToken));
            foreach (var sha256 in repaired)
            {
                await SetAsideAsync(sha256, cancellationToken);
            }
        }

        await AnnounceAsync(images.Select(i => i.Order), cancellationToken);
        faults.Repair(kind, repaired.Count);
    }

    private Task<List<(string Sha256, SubmitImage Order)>> ReadAsync(string sql, string[] sha256s, CancellationToken cancellationToken) =>
        dataSource.Sql(sql, [Hashes(sha256s)]).QueryAsync(
            row => (Sha256: row.GetString(0), Order: new SubmitImage
            {
                Source = row.GetString(1), ExternalId = row.GetString(2), Uri = row.GetString(3), ProductKey = row.GetStringOrNull(4),
                KeyScope = row.GetString(5), Revision = row.GetInt64(6),
            }), cancellationToken);

    private static NpgsqlParameter Hashes(string[] sha256s) => new()
    {
        Value = sha256s.Select(Convert.FromHexString).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
    };

    // Under the content's lock, as whoever writes or deletes bytes. The host may not have the picture any more: what is left of it is kept
    // for a day. That it cannot be decoded was said of the damaged bytes.
    private async Task SetAsideAsync(string sha256, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var contentId = ContentId.FromSha256(Convert.FromHexString(sha256));
        await ContentLocks.TakeAsync(connection, contentId, cancellationToken);
        await connection.Sql(TakeBack, [contentId]).ExecuteAsync(cancellationToken);
        await blobs.SetAsideAsync(Convert.FromHexString(sha256), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task AnnounceAsync(IEnumerable<object> messages, CancellationToken cancellationToken)
    {
        foreach (var chunk in messages.Chunk(ChunkSize))
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await OutboxStore.AppendAsync(connection, chunk, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }
}
