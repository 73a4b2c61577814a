using CpfPipeline.Data.Erasures;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Data.Sql;
using CpfPipeline.Ingest.Erasures;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Ingest.Images;

/// <summary>
/// Applies batches of image changes to <c>cpf.contents</c> and <c>cpf.images</c>, with their events, in one transaction each. Rows are
/// locked contents first, then images, each by ascending id, so that competing instances wait for each other in turn.
/// </summary>
/// <param name="dataSource">The process's data source.</param>
/// <param name="tombstoneKey">The key that recognises what was erased.</param>
internal sealed class ImageStore(NpgsqlDataSource dataSource, TombstoneKey tombstoneKey)
{
    /// <summary>How often a transaction that lost a race is tried.</summary>
    internal const int Attempts = 10;

    /// <summary>Applies changes, the bytes of whose contents are in the blob store.</summary>
    /// <param name="changes">Any number, also several for one image. The order does not matter.</param>
    /// <param name="messages">Makes the messages for the outbox from the effects.</param>
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

    /// <summary>Of the images that were stored or retracted before: the highest such revision, and whether that was a retraction.</summary>
    public async Task<IReadOnlyDictionary<Guid, (long Revision, bool Retracted)>> ReadRevisionsAsync(
        IReadOnlyCollection<Guid> imageIds, CancellationToken cancellationToken)
    {
        var rows = await dataSource.Sql(
            """
            select i.image_id, coalesce(u.revision, i.applied_revision), i.state = 'retracted'
            from cpf.images i
            left join cpf.image_updates u on u.image_id = i.image_id
            where i.image_id = any($1) and i.applied_revision is not null
            """, [imageIds.ToArray()])
            .QueryAsync(row => (ImageId: row.GetGuid(0), Revision: row.GetInt64(1), Retracted: row.GetBoolean(2)), cancellationToken);
        return rows.ToDictionary(r => r.ImageId, r => (r.Revision, r.Retracted));
    }

    /// <summary>
    /// Whether the transaction lost against another one and may be tried again. Two unique indexes name an image, by its id and by source
    /// and external id; the upsert watches the first, so that two inserts of one image may meet at the second.
    /// </summary>
    internal static bool IsRace(PostgresException e)
        => e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure
            || e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "images_source_external_id_key" };

    // Null when another transaction removed a content during the wait for it, or inserted or erased one of the images after the existing
    // ones had been locked. It is then unknown what was replaced.
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

        var perImage = judged.Where(c => !erased.Contains(c.ImageId)).GroupBy(c => c.ImageId).OrderBy(g => g.Key).ToArray();
        var before = await ImageRows.LockAsync(connection, [.. perImage.Select(g => g.Key)], cancellationToken);
        var after = await MergeAsync(connection, perImage, before, cancellationToken);
        var changed = perImage.Where(g => before.GetValueOrDefault(g.Key) != after[g.Key])
            .Select(g => g.FirstOrDefault(c => c.Content is not null && c.Content.ContentId == after[g.Key].Current.ContentId) ?? g.First())
            .ToArray();
        var inserted = await ImageRows.WriteAsync(connection, changed, after, cancellationToken);
        if (changed.Any(c => !before.ContainsKey(c.ImageId) && !inserted.Contains(c.ImageId))
            || await ContentRows.AnyErasedAsync(connection, changed, tombstoneKey, cancellationToken))
        {
            return null;
        }

        await ImageRows.RenewAsync(connection, FetchedAgain(perImage, before, after), cancellationToken);
        var forgotten = judged.Where(c => erased.Contains(c.ImageId)).DistinctBy(c => c.ImageId).ToArray();
        var images = Effects(judged, before, after);
        var effects = Collect(images, before, after);
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

    private static async Task<Dictionary<Guid, ImageRow>> MergeAsync(
        NpgsqlConnection connection, IReadOnlyCollection<IGrouping<Guid, ImageChange>> perImage, Dictionary<Guid, ImageRow> before,
        CancellationToken cancellationToken)
    {
        var replacing = perImage.Where(g => before.GetValueOrDefault(g.Key)?.LiveContentId is { } live
            && g.Any(c => c.Content is { } content && content.ContentId != live));
        var contents = replacing.SelectMany(g => g.Select(c => c.Content?.ContentId).Append(before[g.Key].LiveContentId)).OfType<long>()
            .Distinct().ToArray();
        var undecoded = await ImageRows.FindUndecodedAsync(connection, contents, cancellationToken);
        return perImage.ToDictionary(
            g => g.Key,
            g => g.Aggregate(before.GetValueOrDefault(g.Key), (row, c) => RevisionRule.Merge(row, c.Version, undecoded.Contains))!);
    }

    // One for each image whose row stays as it is and shows the bytes that were fetched.
    private static ImageChange[] FetchedAgain(
        IEnumerable<IGrouping<Guid, ImageChange>> perImage, Dictionary<Guid, ImageRow> before, Dictionary<Guid, ImageRow> after) =>
        [.. perImage.Where(g => before.GetValueOrDefault(g.Key) == after[g.Key])
            .Select(g => g.Where(c => c is { Content: not null, FetchedAt: not null }
                    && c.Content.ContentId == after[g.Key].LiveContentId && c.Uri == after[g.Key].Current.Uri)
                .MaxBy(c => c.FetchedAt))
            .OfType<ImageChange>()];

    // Equal changes share their result, but only the first of them caused it.
    private static List<AppliedImage> Effects(
        IReadOnlyList<ImageChange> judged, Dictionary<Guid, ImageRow> before, Dictionary<Guid, ImageRow> after)
    {
        var done = new List<ImageChange>();
        var perImage = judged.ToLookup(c => c.ImageId);
        return [.. judged.Select(change =>
        {
            var effect = !after.TryGetValue(change.ImageId, out var row) || !row.Reflects(change.Version) ? ImageEffect.Stale
                : before.TryGetValue(change.ImageId, out var old) && !row.Differs(old) ? ImageEffect.Unchanged
                : done.Any(c => c.ImageId == change.ImageId && RevisionRule.Compare(c.Version, change.Version) == 0) ? ImageEffect.Unchanged
                : ImageEffect.Changed;
            if (effect == ImageEffect.Changed)
            {
                done.Add(change);
            }

            return new AppliedImage(change.ImageId, effect, change) { Conflicts = Conflicts(change, perImage, before) };
        })];
    }

    private static bool Conflicts(ImageChange change, ILookup<Guid, ImageChange> perImage, Dictionary<Guid, ImageRow> before)
    {
        bool IsOther(ImageVersion? version) => version is { State: ImageState.Stored } && version.Revision == change.Revision
            && version.ContentId != change.Content!.ContentId;
        return change.Content is not null
            && (perImage[change.ImageId].Any(c => IsOther(c.Version))
                || (before.TryGetValue(change.ImageId, out var row) && (IsOther(row.Current) || IsOther(row.Waiting))));
    }

    private static BatchEffects Collect(
        IReadOnlyList<AppliedImage> images, Dictionary<Guid, ImageRow> before, Dictionary<Guid, ImageRow> after)
    {
        var stored = new SortedSet<long>();
        var released = new SortedSet<long>();
        foreach (var (imageId, row) in after)
        {
            var old = before.GetValueOrDefault(imageId);
            var (was, now) = (old?.LiveContentId, row.LiveContentId);
            if (now is { } content
                && (was != now || old!.Current.ProductKey != row.Current.ProductKey || old.Current.KeyScope != row.Current.KeyScope))
            {
                stored.Add(content);
            }

            if (was is { } lost && lost != now)
            {
                released.Add(lost);
            }

            if (row.Waiting?.ContentId is { } waiting && waiting != old?.Waiting?.ContentId)
            {
                stored.Add(waiting);
            }
        }

        return new BatchEffects(
            stored, released,
            [.. images.Where(i => i is { Effect: ImageEffect.Changed, Change.State: ImageState.Rejected }).Select(i => i.Change)]);
    }
}
