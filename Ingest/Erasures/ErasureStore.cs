using CpfPipeline.Data.Access;
using CpfPipeline.Data.Erasures;
using CpfPipeline.Data.Ids;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Data.Sql;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>
/// Requests to erase: each unlinks and blocks at once, and <see cref="ErasurePurge"/> does the rest. It can be repeated at any point. Rows
/// are locked as <see cref="ImageStore"/> locks them: contents first, then images.
/// </summary>
/// <param name="dataSource">The process's data source.</param>
/// <param name="key">The tombstone key.</param>
internal sealed class ErasureStore(NpgsqlDataSource dataSource, TombstoneKey key)
{
    private const int Attempts = 10;

    // A missing row cannot be locked, so one is inserted. Every submission of the same bytes then waits for it.
    private const string LockContent = """
        with made as (
            insert into cpf.contents (content_id, sha256, format, width, height, byte_length, state)
            select $1, $2, 'erased', 0, 0, 0, 'erased'
            where not exists (select from cpf.contents where content_id = $1)
              and exists (select from cpf.group_events where content_id = $1)
            on conflict do nothing
        )
        select 1
        """;

    // The purge checks again whether an image has started to show one of them.
    private const string InsertFormer = """
        insert into cpf.erasures (scope, tombstone, content_id, who, note, requested_at)
        select e.scope, e.tombstone, h.content_id, e.who, e.note, e.requested_at
        from cpf.erasures e
        cross join (select content_id from cpf.image_contents where image_id = $2 and content_id is not null
                    union
                    select content_id from cpf.image_updates where image_id = $2) h
        where e.erasure_id = $1 and h.content_id is distinct from e.content_id
          and not exists (select from cpf.images i where i.content_id = h.content_id and i.state = 'stored')
          and not exists (select from cpf.image_updates u where u.content_id = h.content_id and u.image_id <> $2)
        order by h.content_id
        """;

    /// <summary>The erasure, or null.</summary>
    public async Task<Erasure?> FindAsync(long erasureId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await ErasureRows.ReadOneAsync(
            connection, "where erasure_id = $1", new NpgsqlParameter { Value = erasureId }, cancellationToken);
    }

    /// <summary>The erasure that made a tombstone, or null.</summary>
    public async Task<Erasure?> FindByTombstoneAsync(byte[] tombstone, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await ErasureRows.FindByTombstoneAsync(connection, tombstone, cancellationToken);
    }

    /// <summary>Erasures that are not finished, oldest first.</summary>
    public async Task<IReadOnlyList<Erasure>> ListUnfinishedAsync(int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await ErasureRows.ReadAsync(
            connection, "where state <> 'finished' order by erasure_id limit $1", new NpgsqlParameter { Value = limit }, cancellationToken);
    }

    /// <summary>Finished erasures whose receipt may not be in the record, oldest first.</summary>
    public async Task<IReadOnlyList<Erasure>> ListUnrecordedAsync(int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await ErasureRows.ReadAsync(
            connection, "where state = 'finished' and recorded_at is null order by erasure_id limit $1",
            new NpgsqlParameter { Value = limit }, cancellationToken);
    }

    /// <summary>Notes that an erasure's receipt is in the record.</summary>
    public Task MarkRecordedAsync(long erasureId, CancellationToken cancellationToken) => dataSource.Sql(
        "update cpf.erasures set recorded_at = now() where erasure_id = $1 and state = 'finished'", [erasureId])
        .ExecuteAsync(cancellationToken);

    /// <summary>Asks for a content to be erased: in one transaction its images go, it may not come back, and the Matcher is told.</summary>
    /// <param name="sha256">SHA-256 of the bytes.</param>
    /// <param name="order">Who asks, and why.</param>
    /// <param name="released">Makes the message that a content lost its images.</param>
    /// <param name="cancellationToken">Cancels; nothing is changed then.</param>
    /// <returns>Null when nothing is known of it.</returns>
    public Task<ErasureOutcome?> RequestContentAsync(
        byte[] sha256, ErasureOrder order, Func<long, object> released, CancellationToken cancellationToken) =>
        RetryAsync(async connection =>
        {
            var tombstone = key.OfContent(sha256);
            var contentId = ContentId.FromSha256(sha256);
            await connection.Sql(LockContent, [contentId, sha256]).WithoutTimeout().ExecuteAsync(cancellationToken);

            var stored = await ContentLocks.TakeAsync(connection, contentId, cancellationToken);

            // A concurrent request for the same content has finished by now.
            if (await ErasureRows.FindByTombstoneAsync(connection, tombstone, cancellationToken) is { } existing)
            {
                return (true, new ErasureOutcome(existing, true, []));
            }

            if (stored is null || !stored.AsSpan().SequenceEqual(sha256))
            {
                return (true, null); // Another content may have the same id.
            }

            var erasureId = await ErasureRows.InsertAsync(
                connection, key, ErasureScope.Content, tombstone, contentId, order, cancellationToken);
            var counts = await ImagePurge.RemoveAsync(
                connection, "content_id = $1", new NpgsqlParameter { Value = contentId }, cancellationToken);
            await connection.Sql("delete from cpf.image_updates where content_id = $1", [contentId]).ExecuteAsync(cancellationToken);
            await connection.Sql(
                "update cpf.contents set state = 'erased', reject_reason = null, reject_detail = null where content_id = $1", [contentId])
                .WithoutTimeout().ExecuteAsync(cancellationToken);
            await ErasureRows.AddCountsAsync(connection, erasureId, counts, cancellationToken);
            return await ReportAsync(connection, erasureId, order, [released(contentId)], cancellationToken);
        }, cancellationToken);

    /// <summary>
    /// Asks for an image to be erased: as <see cref="RequestContentAsync"/>, but other images keep the content. Contents that the image
    /// showed before and that no image shows now are erased with it. Each has an erasure of its own with the same tombstone, and this
    /// erasure waits for them.
    /// </summary>
    /// <returns>Null when there is no such image.</returns>
    public Task<ErasureOutcome?> RequestImageAsync(
        string source, string externalId, ErasureOrder order, Func<long, object> released, CancellationToken cancellationToken) =>
        RetryAsync(async connection =>
        {
            var tombstone = key.OfImage(source, externalId);
            var imageId = ImageId.From(source, externalId);
            if (await ErasureRows.FindByTombstoneAsync(connection, tombstone, cancellationToken) is { } before)
            {
                return (true, new ErasureOutcome(before, true, []));
            }

            var seen = await ReadContentAsync(connection, imageId, "", cancellationToken);
            if (seen?.ContentId is { } content)
            {
                await ContentLocks.TakeAsync(connection, content, cancellationToken);
            }

            var image = await ReadContentAsync(connection, imageId, "for update", cancellationToken);
            if (image is null)
            {
                return await ErasureRows.FindByTombstoneAsync(connection, tombstone, cancellationToken) is { } existing
                    ? (true, new ErasureOutcome(existing, true, []))
                    : (true, null);
            }

            if (image.ContentId != seen?.ContentId)
            {
                return (false, null); // Updated in the meantime: its content is not the locked one.
            }

            var live = image.State == ImageState.Stored ? image.ContentId : null;
            var erasureId = await ErasureRows.InsertAsync(
                connection, key, ErasureScope.Image, tombstone, image.ContentId, order, cancellationToken);
            var former = await InsertFormerAsync(connection, erasureId, imageId, cancellationToken);
            var counts = await ImagePurge.RemoveAsync(
                connection, "image_id = $1", new NpgsqlParameter { Value = imageId }, cancellationToken);
            await ErasureRows.AddCountsAsync(connection, erasureId, counts, cancellationToken);
            if (former == 0
                && (image.ContentId is null || await ErasureRows.IsLiveAsync(connection, image.ContentId.Value, cancellationToken)))
            {
                await ErasureRows.FinishAsync(connection, erasureId, new Dictionary<string, long> { ["contents"] = 0 }, cancellationToken);
            }

            return await ReportAsync(connection, erasureId, order, live is { } id ? [released(id)] : [], cancellationToken);
        }, cancellationToken);

    /// <summary>
    /// Forbids what is not there to come: an erasure without anything to erase, finished at once. For one that is repeated after the
    /// database was restored from before what was erased had come.
    /// </summary>
    /// <param name="scope">See <see cref="ErasureScope"/>.</param>
    /// <param name="tombstone">Its tombstone, which is not there yet.</param>
    /// <param name="order">Who asked, and why.</param>
    /// <param name="cancellationToken">Cancels; nothing is changed then.</param>
    public async Task ForbidAsync(string scope, byte[] tombstone, ErasureOrder order, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var erasureId = await ErasureRows.InsertAsync(connection, key, scope, tombstone, null, order, cancellationToken);
        await ErasureRows.FinishAsync(connection, erasureId, new Dictionary<string, long> { ["contents"] = 0 }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Takes back what <see cref="ForbidAsync"/> wrote, since what it forbids had come in meanwhile and is to be erased.</summary>
    public Task AllowAsync(byte[] tombstone, CancellationToken cancellationToken) => dataSource.Sql(
        """
        with t as (delete from cpf.tombstones where hash = $1 returning erasure_id)
        delete from cpf.erasures e using t where e.erasure_id = t.erasure_id
        """, [tombstone]).ExecuteAsync(cancellationToken);

    private async Task<ErasureOutcome?> RetryAsync(
        Func<NpgsqlConnection, Task<(bool Done, ErasureOutcome? Outcome)>> attempt, CancellationToken cancellationToken)
    {
        for (var n = 1; ; n++)
        {
            try
            {
                await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                var (done, outcome) = await attempt(connection);
                if (done)
                {
                    if (outcome is { Existing: false })
                    {
                        await transaction.CommitAsync(cancellationToken);
                    }

                    return outcome;
                }
            }
            catch (PostgresException e) when (
                n < Attempts && e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure)
            {
                continue;
            }

            if (n == Attempts)
            {
                throw new InvalidOperationException($"The image kept being changed by others in {Attempts} attempts.");
            }
        }
    }

    private static async Task<(bool Done, ErasureOutcome? Outcome)> ReportAsync(
        NpgsqlConnection connection, long erasureId, ErasureOrder order, IReadOnlyCollection<object> messages,
        CancellationToken cancellationToken)
    {
        // Only the number: the audit must not name what is erased.
        await AuditStore.AppendAsync(
            connection, new Speaker(order.Who, order.By), "erasure", $"erasure {erasureId}", AuditOutcome.WasDone, cancellationToken);
        var outbox = await OutboxStore.AppendAsync(connection, messages, cancellationToken);
        var erasure = await ErasureRows.ReadOneAsync(
            connection, "where erasure_id = $1", new NpgsqlParameter { Value = erasureId }, cancellationToken);
        return (true, new ErasureOutcome(erasure!, false, outbox));
    }

    private static async Task<int> InsertFormerAsync(
        NpgsqlConnection connection, long erasureId, Guid imageId, CancellationToken cancellationToken)
    {
        return await connection.Sql(InsertFormer, [erasureId, imageId]).WithoutTimeout().ExecuteAsync(cancellationToken);
    }

    private static async Task<SeenImage?> ReadContentAsync(
        NpgsqlConnection connection, Guid imageId, string locking, CancellationToken cancellationToken)
    {
        return await connection.Sql("select content_id, state from cpf.images where image_id = $1 " + locking, [imageId]).WithoutTimeout()
            .FirstOrDefaultAsync(row => new SeenImage(row.GetOrNull<long>(0), row.GetString(1)), cancellationToken);
    }

    private sealed record SeenImage(long? ContentId, string State);
}
