using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Data;

/// <summary>
/// Erasures: the request, which unlinks and blocks at once, and the purge, which waits until the Matcher has let the content go. Both can be repeated
/// at any point. Rows are locked as <see cref="ImageStore"/> locks them: contents first, then images.
/// </summary>
/// <param name="dataSource">The process's data source.</param>
/// <param name="key">The tombstone key.</param>
public sealed class ErasureStore(NpgsqlDataSource dataSource, TombstoneKey key)
{
    private const int Attempts = 10;
    private const string Columns = "erasure_id, scope, tombstone, state, content_id, requested_at, finished_at, who, note, counts::text, record_hash";

    // A row that is not there cannot be locked: one is made, which the same bytes then wait for wherever they come from.
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

    // While the Matcher works with it, or subscribers have not been told, its id is still needed.
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

    /// <summary>The erasure, or null.</summary>
    public async Task<Erasure?> FindAsync(long erasureId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await ReadOneAsync(connection, "where erasure_id = $1", new NpgsqlParameter { Value = erasureId }, cancellationToken);
    }

    /// <summary>Erasures that are not finished, oldest first.</summary>
    public async Task<IReadOnlyList<Erasure>> ListUnfinishedAsync(int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await ReadAsync(connection, "where state <> 'finished' order by erasure_id limit $1", new NpgsqlParameter { Value = limit }, cancellationToken);
    }

    /// <summary>The bytes' hash, while the content still has a row; null afterwards.</summary>
    public async Task<byte[]?> FindSha256Async(long contentId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("select sha256 from cpf.contents where content_id = $1");
        command.Parameters.Add(new() { Value = contentId });
        return (byte[]?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>Asks for a content to be erased: in one transaction its images go, it may not come back, and the Matcher is told.</summary>
    /// <param name="sha256">SHA-256 of the bytes.</param>
    /// <param name="who">Who asks.</param>
    /// <param name="note">Why, or null.</param>
    /// <param name="released">The message that tells that a content lost its images.</param>
    /// <param name="cancellationToken">Cancels; nothing is changed then.</param>
    /// <returns>Null when nothing is known of it.</returns>
    public Task<ErasureOutcome?> RequestContentAsync(
        byte[] sha256, string who, string? note, Func<long, object> released, CancellationToken cancellationToken) =>
        RetryAsync(async connection =>
        {
            var tombstone = key.OfContent(sha256);
            var contentId = ContentId.FromSha256(sha256);
            await using (var make = Command(connection, LockContent, contentId, sha256))
            {
                await make.ExecuteNonQueryAsync(cancellationToken);
            }

            await using var locking = Command(connection, "select sha256 from cpf.contents where content_id = $1 for update", contentId);
            var stored = (byte[]?)await locking.ExecuteScalarAsync(cancellationToken);

            // Whoever asked for the same at the same time is done now.
            if (await FindByTombstoneAsync(connection, tombstone, cancellationToken) is { } existing)
            {
                return (true, new ErasureOutcome(existing, true, []));
            }

            if (stored is null || !stored.AsSpan().SequenceEqual(sha256))
            {
                return (true, null); // Another content may have the same id.
            }

            var erasureId = await InsertAsync(connection, ErasureScope.Content, tombstone, contentId, who, note, cancellationToken);
            var images = await DeleteImagesAsync(connection, "content_id = $1", new NpgsqlParameter { Value = contentId }, cancellationToken);
            var counts = await ForgetAsync(connection, images, cancellationToken);
            await using var mark = Command(
                connection, "update cpf.contents set state = 'erased', reject_reason = null, reject_detail = null where content_id = $1", contentId);
            await mark.ExecuteNonQueryAsync(cancellationToken);
            await AddCountsAsync(connection, erasureId, counts, cancellationToken);
            return await ReportAsync(connection, erasureId, [released(contentId)], cancellationToken);
        }, cancellationToken);

    /// <summary>Asks for an image to be erased: as <see cref="RequestContentAsync"/>, but other images keep the content.</summary>
    /// <returns>Null when there is no such image.</returns>
    public Task<ErasureOutcome?> RequestImageAsync(
        string source, string externalId, string who, string? note, Func<long, object> released, CancellationToken cancellationToken) =>
        RetryAsync(async connection =>
        {
            var tombstone = key.OfImage(source, externalId);
            var imageId = ImageId.From(source, externalId);
            if (await FindByTombstoneAsync(connection, tombstone, cancellationToken) is { } before)
            {
                return (true, new ErasureOutcome(before, true, []));
            }

            var seen = await ReadContentAsync(connection, imageId, "", cancellationToken);
            if (seen?.ContentId is { } content)
            {
                await using var locking = Command(connection, "select 1 from cpf.contents where content_id = $1 for update", content);
                await locking.ExecuteNonQueryAsync(cancellationToken);
            }

            var image = await ReadContentAsync(connection, imageId, "for update", cancellationToken);
            if (image is null)
            {
                return await FindByTombstoneAsync(connection, tombstone, cancellationToken) is { } existing
                    ? (true, new ErasureOutcome(existing, true, []))
                    : (true, null);
            }

            if (image.ContentId != seen?.ContentId)
            {
                return (false, null); // Updated meanwhile: its content is not the one that is locked.
            }

            var live = image.State == "stored" ? image.ContentId : null;
            var erasureId = await InsertAsync(connection, ErasureScope.Image, tombstone, image.ContentId, who, note, cancellationToken);
            var images = await DeleteImagesAsync(connection, "image_id = $1", new NpgsqlParameter { Value = imageId }, cancellationToken);
            await AddCountsAsync(connection, erasureId, await ForgetAsync(connection, images, cancellationToken), cancellationToken);
            if (image.ContentId is null || await IsLiveAsync(connection, image.ContentId.Value, cancellationToken))
            {
                await FinishAsync(connection, erasureId, new Dictionary<string, long> { ["contents"] = 0 }, cancellationToken);
            }

            return await ReportAsync(connection, erasureId, live is { } id ? [released(id)] : [], cancellationToken);
        }, cancellationToken);

    /// <summary>Notes that the bytes are gone.</summary>
    public async Task MarkDeletedAsync(long erasureId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("update cpf.erasures set state = 'deleted' where erasure_id = $1 and state = 'unlinked'");
        command.Parameters.Add(new() { Value = erasureId });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Removes every row of the content and completes the receipt, in one transaction under the group lock, unless the active model's groups or messages
    /// to subscribers still name it. An image's erasure leaves the content when another image has come to use it.
    /// </summary>
    /// <param name="erasureId">The erasure.</param>
    /// <param name="deleteBlob">Deletes the bytes; the content's row is locked meanwhile.</param>
    /// <param name="cancellationToken">Cancels; nothing is changed then, but the bytes may be gone.</param>
    /// <returns>false: not yet, try again later.</returns>
    public async Task<bool> TryFinishAsync(long erasureId, Func<byte[], CancellationToken, Task> deleteBlob, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (await IsWaitingAsync(connection, erasureId, cancellationToken))
        {
            return false; // Seen without holding up the Matcher, which is what is waited for.
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await GroupStore.LockGroupsAsync(connection, cancellationToken);
        var erasure = await ReadOneAsync(
            connection, "where erasure_id = $1 and state <> 'finished' for update", new NpgsqlParameter { Value = erasureId }, cancellationToken);
        if (erasure is null)
        {
            return true; // Another instance was faster.
        }

        var contentId = erasure.ContentId!.Value;
        await using var locking = Command(connection, "select sha256 from cpf.contents where content_id = $1 for update", contentId);
        var sha256 = (byte[]?)await locking.ExecuteScalarAsync(cancellationToken);
        if (erasure.Scope == ErasureScope.Image && await IsLiveAsync(connection, contentId, cancellationToken))
        {
            await FinishAsync(connection, erasureId, new Dictionary<string, long> { ["contents"] = 0 }, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return true;
        }

        if (await IsInActiveGroupsAsync(connection, contentId, cancellationToken)
            || !await OutboxTraces.ForgetContentAsync(connection, contentId, cancellationToken))
        {
            return false;
        }

        await MatchStore.LockOutAsync(connection, cancellationToken);
        var counts = await ContentPurge.RemoveAsync(connection, [contentId], cancellationToken);
        foreach (var (kind, count) in await ContentPurge.ScrubAsync(connection, contentId, -erasureId, cancellationToken))
        {
            counts[kind] = count;
        }

        if (sha256 is not null)
        {
            await deleteBlob(sha256, cancellationToken);
        }

        await FinishAsync(connection, erasureId, counts, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

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
            catch (PostgresException e) when (n < Attempts && e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure)
            {
                continue;
            }

            if (n == Attempts)
            {
                throw new InvalidOperationException($"The image kept being changed by others in {Attempts} attempts.");
            }
        }
    }

    private async Task<long> InsertAsync(
        NpgsqlConnection connection, string scope, byte[] tombstone, long? contentId, string who, string? note, CancellationToken cancellationToken)
    {
        await TombstoneStore.PinKeyAsync(connection, key, cancellationToken);
        await using var insert = new NpgsqlCommand(
            """
            with erasure as (
                insert into cpf.erasures (scope, tombstone, content_id, who, note) values ($1, $2, $3, $4, $5) returning erasure_id
            )
            insert into cpf.tombstones (hash, kind, erasure_id) select $2, $1, erasure_id from erasure returning erasure_id
            """, connection)
        {
            Parameters =
            {
                new() { Value = scope }, new() { Value = tombstone },
                new() { Value = (object?)contentId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint },
                new() { Value = who }, new() { Value = (object?)note ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
            },
        };
        return (long)(await insert.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<ErasedImage[]> DeleteImagesAsync(
        NpgsqlConnection connection, string condition, NpgsqlParameter parameter, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Constant text.
        await using var delete = new NpgsqlCommand($"delete from cpf.images where {condition} returning image_id, source, external_id", connection)
#pragma warning restore CA2100
        {
            CommandTimeout = 0,
            Parameters = { parameter },
        };
        var images = new List<ErasedImage>();
        await using var reader = await delete.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            images.Add(new ErasedImage(reader.GetGuid(0), reader.GetString(1), reader.GetString(2)));
        }

        return [.. images];
    }

    /// <summary>Removes what feeds and waiting messages say about images.</summary>
    private static async Task<Dictionary<string, long>> ForgetAsync(NpgsqlConnection connection, ErasedImage[] images, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            Timeout = 0,
            BatchCommands =
            {
                new("delete from cpf.feed_images where image_id = any($1)") { Parameters = { new() { Value = images.Select(i => i.ImageId).ToArray() } } },
                new(
                    """
                    delete from cpf.feed_rejections r
                    using cpf.feeds f, unnest($1, $2) as t(source, external_id)
                    where f.source = t.source and r.feed_id = f.feed_id and r.external_id = t.external_id
                    """)
                {
                    Parameters =
                    {
                        new() { Value = images.Select(i => i.Source).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                        new() { Value = images.Select(i => i.ExternalId).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                    },
                },
            },
        };
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return new Dictionary<string, long>
        {
            ["images"] = images.Length,
            ["feed_rejections"] = (long)batch.BatchCommands[1].RecordsAffected,
            ["messages"] = await OutboxTraces.ForgetImagesAsync(connection, [.. images.Select(i => (i.Source, i.ExternalId))], cancellationToken),
        };
    }

    private static async Task<(bool Done, ErasureOutcome? Outcome)> ReportAsync(
        NpgsqlConnection connection, long erasureId, IReadOnlyCollection<object> messages, CancellationToken cancellationToken)
    {
        var outbox = await OutboxStore.AppendAsync(connection, messages, cancellationToken);
        var erasure = await ReadOneAsync(connection, "where erasure_id = $1", new NpgsqlParameter { Value = erasureId }, cancellationToken);
        return (true, new ErasureOutcome(erasure!, false, outbox));
    }

    private static async Task AddCountsAsync(
        NpgsqlConnection connection, long erasureId, IReadOnlyDictionary<string, long> counts, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, "update cpf.erasures set counts = counts || $2::jsonb where erasure_id = $1", erasureId, JsonSerializer.Serialize(counts));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task FinishAsync(
        NpgsqlConnection connection, long erasureId, IReadOnlyDictionary<string, long> counts, CancellationToken cancellationToken)
    {
        await AddCountsAsync(connection, erasureId, counts, cancellationToken);
        await using var clock = new NpgsqlCommand("select clock_timestamp()", connection);
        var finishedAt = new DateTimeOffset((DateTime)(await clock.ExecuteScalarAsync(cancellationToken))!);
        var erasure = await ReadOneAsync(connection, "where erasure_id = $1", new NpgsqlParameter { Value = erasureId }, cancellationToken);
        await using var finish = Command(
            connection,
            "update cpf.erasures set state = 'finished', content_id = null, finished_at = $2, record_hash = $3 where erasure_id = $1",
            erasureId, finishedAt, ErasureReceipt.Hash(erasure! with { FinishedAt = finishedAt }));
        await finish.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<bool> IsLiveAsync(NpgsqlConnection connection, long contentId, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, "select exists (select from cpf.images where content_id = $1 and state = 'stored')", contentId);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<bool> IsInActiveGroupsAsync(NpgsqlConnection connection, long contentId, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, InActiveGroups, contentId);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<bool> IsWaitingAsync(NpgsqlConnection connection, long erasureId, CancellationToken cancellationToken) =>
        await ReadOneAsync(connection, "where erasure_id = $1", new NpgsqlParameter { Value = erasureId }, cancellationToken) is { ContentId: { } id } erasure
        && await IsInActiveGroupsAsync(connection, id, cancellationToken)
        && !(erasure.Scope == ErasureScope.Image && await IsLiveAsync(connection, id, cancellationToken));

    private static async Task<SeenImage?> ReadContentAsync(NpgsqlConnection connection, Guid imageId, string locking, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, "select content_id, state from cpf.images where image_id = $1 " + locking, imageId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new SeenImage(await reader.IsDBNullAsync(0, cancellationToken) ? null : reader.GetInt64(0), reader.GetString(1))
            : null;
    }

    private static Task<Erasure?> FindByTombstoneAsync(NpgsqlConnection connection, byte[] tombstone, CancellationToken cancellationToken) =>
        ReadOneAsync(
            connection, "where erasure_id = (select erasure_id from cpf.tombstones where hash = $1)", new NpgsqlParameter { Value = tombstone }, cancellationToken);

    private static async Task<Erasure?> ReadOneAsync(
        NpgsqlConnection connection, string condition, NpgsqlParameter parameter, CancellationToken cancellationToken) =>
        (await ReadAsync(connection, condition, parameter, cancellationToken)).SingleOrDefault();

    private static async Task<List<Erasure>> ReadAsync(
        NpgsqlConnection connection, string condition, NpgsqlParameter parameter, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Constant text.
        await using var command = new NpgsqlCommand($"select {Columns} from cpf.erasures {condition}", connection) { Parameters = { parameter } };
#pragma warning restore CA2100
        var erasures = new List<Erasure>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            erasures.Add(new Erasure(
                reader.GetInt64(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2), reader.GetString(3),
                reader.IsDBNull(4) ? null : reader.GetInt64(4),
                reader.GetFieldValue<DateTimeOffset>(5), reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6),
                reader.GetString(7), reader.IsDBNull(8) ? null : reader.GetString(8),
                JsonSerializer.Deserialize<SortedDictionary<string, long>>(reader.GetString(9))!,
                reader.IsDBNull(10) ? null : reader.GetFieldValue<byte[]>(10)));
        }

        return erasures;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object[] values)
    {
#pragma warning disable CA2100 // Constant text.
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }

    private sealed record ErasedImage(Guid ImageId, string Source, string ExternalId);

    private sealed record SeenImage(long? ContentId, string State);
}
