using Npgsql;

namespace CpfPipeline.Data;

/// <summary>
/// Applies batches of image changes to <c>cpf.contents</c> and <c>cpf.images</c>, with their events, in one transaction each.
/// Rows are locked contents first, then images, each by ascending id, so that competing instances wait for each other in turn.
/// </summary>
/// <param name="dataSource">The process's data source.</param>
/// <param name="tombstoneKey">The key to tell what was erased.</param>
public sealed class ImageStore(NpgsqlDataSource dataSource, TombstoneKey tombstoneKey)
{
    private const int Attempts = 10;

    /// <summary>Applies changes, the bytes of whose contents are in the blob store.</summary>
    /// <param name="changes">Any number, several for one image too: of these the one that wins counts.</param>
    /// <param name="messages">The messages for the outbox that tell of the effects.</param>
    /// <param name="inTransaction">Further work in the transaction, or null.</param>
    /// <param name="cancellationToken">Cancels; nothing is applied.</param>
    /// <exception cref="PostgresException">The database refused, or the deadlock persisted.</exception>
    public async Task<ApplyResult> ApplyAsync(
        IReadOnlyList<ImageChange> changes, Func<BatchEffects, IEnumerable<object>> messages, InTransaction? inTransaction,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (await TryApplyAsync(changes, messages, inTransaction, cancellationToken) is { } result)
                {
                    return result;
                }
            }
            catch (PostgresException e) when (attempt < Attempts && IsRace(e))
            {
                continue;
            }

            if (attempt == Attempts)
            {
                throw new InvalidOperationException($"Images kept being inserted by others in {Attempts} attempts.");
            }
        }
    }

    /// <summary>Revision and state of the images that have a row.</summary>
    public async Task<IReadOnlyDictionary<Guid, (long Revision, ImageState State)>> ReadRevisionsAsync(
        IReadOnlyCollection<Guid> imageIds, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("select image_id, revision, state from cpf.images where image_id = any($1)");
        command.Parameters.Add(new() { Value = imageIds.ToArray() });
        var rows = new Dictionary<Guid, (long, ImageState)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(reader.GetGuid(0), (reader.GetInt64(1), Enum.Parse<ImageState>(reader.GetString(2), ignoreCase: true)));
        }

        return rows;
    }

    // Two unique indexes name an image, by its id and by source and external id; the upsert watches the first, so that two inserts of one
    // image
    // may meet at the second.
    private static bool IsRace(PostgresException e)
        => e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure
            || e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "images_source_external_id_key" };

    // Null when another transaction took a content away while we waited for it, or inserted or erased one of the images between our lock
    // and our upsert:
    // what it replaced is unknown then.
    private async Task<ApplyResult?> TryApplyAsync(
        IReadOnlyList<ImageChange> changes, Func<BatchEffects, IEnumerable<object>> messages, InTransaction? inTransaction,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await ContentRows.JudgeAsync(connection, changes, tombstoneKey, cancellationToken) is not var (judged, erased, unwanted))
        {
            return null;
        }

        var winners = judged.Where(c => !erased.Contains(c.ImageId)).GroupBy(c => c.ImageId).Select(RevisionRule.Fold)
            .OrderBy(c => c.ImageId).ToArray();
        var before = await ImageRows.LockAsync(connection, winners, cancellationToken);
        var written = await ImageRows.UpsertAsync(connection, winners, cancellationToken);
        if (written.Any(w => !w.Value && !before.ContainsKey(w.Key))
            || await ContentRows.AnyErasedAsync(
                connection, winners.Where(c => written.ContainsKey(c.ImageId)), tombstoneKey, cancellationToken))
        {
            return null;
        }

        var outcomes = winners.ToDictionary(c => c.ImageId, c => new AppliedImage(c.ImageId, EffectOf(c, before, written), c));
        var forgotten = judged.Where(c => erased.Contains(c.ImageId)).DistinctBy(c => c.ImageId).ToArray();
        Array.ForEach(forgotten, c => outcomes.Add(c.ImageId, new AppliedImage(c.ImageId, ImageEffect.Stale, c)));
        var images = Match(judged, outcomes);
        var effects = Collect(winners, before, written);
        await UnreferencedStore.UnmarkAsync(connection, effects.StoredContents, cancellationToken);
        var outbox = await OutboxStore.AppendAsync(
            connection, [.. messages(effects with { Rejections = [.. effects.Rejections, .. forgotten] })], cancellationToken);
        if (inTransaction is not null)
        {
            await inTransaction(connection, images, unwanted, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return new ApplyResult(images, outbox);
    }

    // Entries that say the same as the winner share its fate, but only the first of them did it.
    private static List<AppliedImage> Match(IReadOnlyList<ImageChange> judged, Dictionary<Guid, AppliedImage> winners)
    {
        var told = new HashSet<Guid>();
        return [.. judged.Select(change =>
        {
            var winner = winners[change.ImageId];
            return RevisionRule.Compare(change, winner.Change) != 0 ? new AppliedImage(change.ImageId, ImageEffect.Stale, change)
                : told.Add(change.ImageId) ? winner
                : winner with { Effect = ImageEffect.Unchanged };
        })];
    }

    private static ImageEffect EffectOf(ImageChange change, Dictionary<Guid, ImageRow> before, Dictionary<Guid, bool> written)
    {
        var same = before.TryGetValue(change.ImageId, out var old) && !old.Differs(change);
        return same ? ImageEffect.Unchanged : written.ContainsKey(change.ImageId) ? ImageEffect.Changed : ImageEffect.Stale;
    }

    private static BatchEffects Collect(ImageChange[] changes, Dictionary<Guid, ImageRow> before, Dictionary<Guid, bool> written)
    {
        var stored = new SortedSet<long>();
        var released = new SortedSet<long>();
        var rejections = new List<ImageChange>();
        foreach (var change in changes.Where(c => written.ContainsKey(c.ImageId)))
        {
            var old = before.GetValueOrDefault(change.ImageId);
            var (was, now) = (old?.LiveContentId, change.Content?.ContentId);
            if (now is { } content && (was != now || old!.ProductKey != change.ProductKey || old.KeyScope != change.KeyScope))
            {
                stored.Add(content);
            }

            if (was is { } lost && lost != now)
            {
                released.Add(lost);
            }

            if (change.State == ImageState.Rejected)
            {
                rejections.Add(change);
            }
        }

        return new BatchEffects(stored, released, rejections);
    }
}
