using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Ingest.Erasures;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Ingest.Intake;

/// <summary>The heart of Ingest: turns batches of submissions and retractions into blobs, rows and events.</summary>
internal sealed class ImageIntake(
    ContentIntake contents, ImageStore store, TombstoneStore tombstones, IBlobStore blobs, DispatchOutbox dispatch,
    IOptions<IngestOptions> options, IngestMetrics metrics, ILogger<ImageIntake> logger)
{
    private const int Attempts = 5;
    private const int BlobLookUps = 16; // At once: a transaction is open meanwhile.
    private const string ImageErased = "The image was erased and may not come back.";
    private readonly IngestOptions _options = options.Value;

    /// <summary>Takes a batch from beginning to end.</summary>
    /// <returns>One result for every entry, in their order.</returns>
    public async Task<IReadOnlyList<IntakeResult>> TakeAsync(IReadOnlyList<ImageEntry> entries, CancellationToken cancellationToken) =>
        await ApplyAsync(
            await PrepareAsync(entries, cancellationToken),
            async (connection, results, token) =>
            {
                await ParkAsync(connection, results, token);
                await WaitingSubmissions.EndAsync(connection, entries, token);
            },
            cancellationToken);

    /// <summary>Fetches what may matter, with little patience: a slow host must not hold up others.</summary>
    public Task<PreparedBatch> PrepareAsync(IReadOnlyList<ImageEntry> entries, CancellationToken cancellationToken) =>
        PrepareAsync(entries, _options.FirstFetchTimeout, cancellationToken);

    /// <summary>Leaves what cannot be fetched yet to <see cref="FetchLoop"/>.</summary>
    public static Task ParkAsync(NpgsqlConnection connection, IReadOnlyList<IntakeResult> results, CancellationToken cancellationToken) =>
        ParkedFetchStore.ParkAsync(
            connection, [.. results.Where(r => r.IsToBeParked).Select(r => new ParkedFetch(r.Entry, r.NotYet!))], cancellationToken);

    /// <summary>Fetches the entries that may still change something and stores their blobs. Writes no rows.</summary>
    public async Task<PreparedBatch> PrepareAsync(IReadOnlyList<ImageEntry> entries, TimeSpan patience, CancellationToken cancellationToken)
    {
        var notYet = new FetchOutcome?[entries.Count];
        var wanted = new ImageChange?[entries.Count];
        var ids = entries.Select(e => e.ImageId).ToArray();
        var known = await store.ReadRevisionsAsync(ids, cancellationToken);
        var (erased, someErased) = await LookAsync(entries, cancellationToken);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.FetchParallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, entries.Count).GroupBy(i => ids[i]), parallel, async (image, token) =>
        {
            foreach (var i in image.Where(i => entries[i].Reason is not null && !erased.Contains(image.Key)))
            {
                wanted[i] = entries[i].ToRejection(entries[i].Reason!, entries[i].Detail);
            }

            // The newest first: an older one is worth a download only when the newer ones failed and nothing as new was applied before.
            foreach (var same in image.Where(i => wanted[i] is null).GroupBy(i => entries[i].Revision).OrderByDescending(g => g.Key))
            {
                var retraction = same.Where(i => entries[i].Retract).Take(1).ToArray();
                if (known.TryGetValue(image.Key, out var row)
                    && (row.Revision > same.Key || (row.Revision == same.Key && row.Retracted && retraction.Length == 0)))
                {
                    break;
                }

                var due = retraction.Length > 0 ? retraction : [.. same];
                foreach (var i in due)
                {
                    if (erased.Contains(image.Key))
                    {
                        wanted[i] = entries[i].ToRejection(RejectReasons.Erased, ImageErased);
                    }
                    else if (entries[i].Retract)
                    {
                        wanted[i] = entries[i].ToChange(ImageState.Retracted);
                    }
                    else
                    {
                        (wanted[i], notYet[i]) = await contents.TakeAsync(entries[i], someErased, patience, token);
                        wanted[i] ??= entries[i].ToChange(ImageState.Received);
                    }
                }

                if (due.Any(i => wanted[i]!.State is ImageState.Stored or ImageState.Retracted))
                {
                    break;
                }
            }
        });
        return new PreparedBatch(entries, wanted, notYet);
    }

    /// <summary>Applies a prepared batch in one transaction, and publishes its events.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="checkpoint">Further work in the transaction, or null.</param>
    /// <param name="cancellationToken">Cancels; nothing is applied then.</param>
    public async Task<IReadOnlyList<IntakeResult>> ApplyAsync(
        PreparedBatch batch, IntakeCheckpoint? checkpoint, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await TryApplyAsync(batch, checkpoint, cancellationToken);
            }
            catch (BlobMissingException) when (attempt < Attempts)
            {
                // The blob existed when it was to be stored, and was collected before an image referred to it.
                batch = await PrepareAsync(batch.Entries, cancellationToken);
            }
        }
    }

    private async Task<IReadOnlyList<IntakeResult>> TryApplyAsync(
        PreparedBatch batch, IntakeCheckpoint? checkpoint, CancellationToken cancellationToken)
    {
        IReadOnlyList<IntakeResult> results = [];
        var applied = await store.ApplyAsync(
            Changes(batch),
            IntakeMessages.Events,
            async (connection, images, unwanted, token) =>
            {
                await RequireBlobsAsync(images, token);
                foreach (var sha256 in unwanted)
                {
                    await blobs.DeleteAsync(sha256, token); // The content was erased after the look-up, so its bytes were stored again.
                }

                results = Match(batch, images);
                await (checkpoint?.Invoke(connection, results, token) ?? Task.CompletedTask);
            },
            cancellationToken);
        await FinishAsync(results, applied, cancellationToken);
        return results;
    }

    /// <summary>
    /// Writes images as received and sends the commands that fetch them, in one transaction. Refused entries are rejected at once. Every
    /// entry is in the database then: in its image's row, or in that of a waiting submission.
    /// </summary>
    public async Task<IReadOnlyList<IntakeResult>> AnnounceAsync(IReadOnlyList<ImageEntry> entries, CancellationToken cancellationToken)
    {
        var (erased, _) = await LookAsync(entries, cancellationToken);
        entries = [.. entries.Select(e => erased.Contains(e.ImageId) ? e with { Reason = RejectReasons.Erased, Detail = ImageErased } : e)];
        var batch = new PreparedBatch(
            entries,
            [.. entries.Select(e => e.Reason is null ? e.ToChange(ImageState.Received) : e.ToRejection(e.Reason, e.Detail))],
            new FetchOutcome?[entries.Count]);
        var commands = entries.Where(e => e.Reason is null).Select(IntakeMessages.Submit).ToArray();
        IReadOnlyList<IntakeResult> results = [];
        var applied = await store.ApplyAsync(
            Changes(batch),
            effects => [.. IntakeMessages.Events(effects), .. commands],
            async (connection, images, _, token) =>
            {
                results = Match(batch, images);
                var unseen = results.Where(r => r is { Effect: ImageEffect.Stale, Reason: null }).Select(r => r.Entry).ToArray();
                await WaitingSubmissions.AddAsync(connection, unseen, token);
            },
            cancellationToken);
        await FinishAsync(results, applied, cancellationToken);
        return results;
    }

    private Task<(IReadOnlySet<Guid> Images, bool AnyContents)> LookAsync(
        IReadOnlyList<ImageEntry> entries, CancellationToken cancellationToken) =>
        tombstones.LookAsync([.. entries.Select(e => (e.Source, e.ExternalId))], cancellationToken);

    // Runs while the contents are locked. Whoever deletes bytes needs the same lock.
    private async Task RequireBlobsAsync(IReadOnlyList<AppliedImage> images, CancellationToken cancellationToken)
    {
        var contents = images.Where(i => i.Effect != ImageEffect.Stale).Select(i => i.Change.Content).OfType<ContentFacts>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = BlobLookUps, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(contents.DistinctBy(c => c.ContentId), parallel, async (content, token) =>
        {
            if (!await blobs.ExistsAsync(content.Sha256, token))
            {
                throw new BlobMissingException("The bytes of a content vanished before an image referred to them.");
            }
        });
    }

    private static ImageChange[] Changes(PreparedBatch batch) => [.. batch.Wanted.OfType<ImageChange>()];

    private static IntakeResult[] Match(PreparedBatch batch, IReadOnlyList<AppliedImage> images)
    {
        var next = 0;
        return [.. batch.Entries.Select((entry, i) => batch.Wanted[i] is null
            ? new IntakeResult(entry, ImageEffect.Stale, null)
            : new IntakeResult(entry, images[next].Effect, images[next].Change) 
            {
                Conflicts = images[next++].Conflicts, NotYet = batch.NotYet[i],
            })];
    }

    private async Task FinishAsync(IReadOnlyList<IntakeResult> results, ApplyResult applied, CancellationToken cancellationToken)
    {
        metrics.Applied(results);
        var rejected = applied.Images.Where(i => i is { Effect: ImageEffect.Changed, Change.State: ImageState.Rejected }).ToArray();
        foreach (var image in rejected)
        {
            Log.ImageRejected(logger, image.ImageId, image.Change.Source, image.Change.RejectReason!);
        }

        Log.BatchApplied(logger, results.Count, applied.Images.Count(i => i.Effect == ImageEffect.Changed), rejected.Length);
        await dispatch(applied.Outbox, cancellationToken);
    }
}
