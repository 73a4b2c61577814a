using System.Collections.Concurrent;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Nights.Handover;

/// <summary>
/// Embeds the catalogue under a head from stored features. An anti-join finds what is missing, so the work can stop anywhere and be done
/// again. Head file, session and rounded features are the Embedder's, so the bits are the same as its own.
/// </summary>
public sealed class Backfill(
    BackfillStore store, IBlobStore blobs, NpgsqlDataSource dataSource, DispatchOutbox dispatch, RunMetrics metrics,
    IOptions<NightOptions> options, TimeProvider time,
    ILogger<Backfill> logger)
{
    private const int ContentsPerMessage = 1000;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Embeds everything whose feature is stored. Nobody waits for the head yet.</summary>
    public async Task LoadAsync(ServingModel model, Action<double, string?> report, CancellationToken cancellationToken)
    {
        await store.MakePartitionsAsync(model.HeadId, cancellationToken);
        using var session = await OpenAsync(model, cancellationToken);
        await FillAsync(session, model, report, [], cancellationToken);
        await store.AnalyzeAsync(model.HeadId, cancellationToken);
    }

    /// <summary>
    /// Embeds what has arrived since, until nothing is missing. The model is the shadow by now, so the Embedder takes care of later
    /// arrivals. Contents without a feature, because the backbone is another one, go to the Embedder's backfill queue once and are waited
    /// for.
    /// </summary>
    /// <exception cref="BackfillStalledException">The Embedder makes no progress.</exception>
    public async Task CatchUpAsync(ServingModel model, Action<double, string?> report, CancellationToken cancellationToken)
    {
        using var session = await OpenAsync(model, cancellationToken);
        var refused = new ConcurrentDictionary<long, string>();
        var wait = new FeatureWait(time.GetUtcNow());
        while (true)
        {
            await FillAsync(session, model, report, refused, cancellationToken);
            var (withFeature, without) = await store.CountMissingAsync(model.HeadId, model.BackboneId, cancellationToken);
            if (without > 0)
            {
                if (wait.IsFirst)
                {
                    await SendAsync(model, cancellationToken);
                }

                wait = wait.Look(without, time.GetUtcNow());
                if (wait.HasStalled(time.GetUtcNow(), options.Value.BackfillPatience))
                {
                    BackfillStalledException.ThrowUnlessFew(
                        without, await store.CountLiveAsync(cancellationToken), options.Value.BackfillPatience);
                    Log.BackfillIncomplete(logger, model.ModelId, without);
                    return;
                }

                report(wait.Share, $"the Embedder computes features of {without:N0} contents under the model's backbone");
                await Task.Delay(Interval, time, cancellationToken);
            }
            else if (withFeature <= refused.Count)
            {
                return;
            }
        }
    }

    private async Task FillAsync(
        HeadSession session, ServingModel model, Action<double, string?> report, ConcurrentDictionary<long, string> refused,
        CancellationToken cancellationToken)
    {
        var total = (await store.CountMissingAsync(model.HeadId, model.BackboneId, cancellationToken)).WithFeature;
        var (done, stored, start) = (0L, 0L, time.GetTimestamp());
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = options.Value.EffectiveBackfillThreads,
            CancellationToken = cancellationToken,
        };
        var missing = store.StreamMissingAsync(
            model.HeadId, model.BackboneId, model.FeatureDim, options.Value.BackfillChunk, cancellationToken);
        await Parallel.ForEachAsync(missing, parallel, async (chunk, token) =>
        {
            var rows = Embed(session, chunk, refused);
            var count = await store.StoreAsync(model.HeadId, rows, token);
            metrics.Embedded(count);
            Interlocked.Add(ref stored, count);
            var now = Interlocked.Add(ref done, chunk.ContentIds.Length);
            report(total == 0
                ? 1 : Math.Min(1, (double)now / total), $"embedded {now:N0} of {Math.Max(total, now):N0} contents from stored features");
        });
        if (done > 0)
        {
            var seconds = time.GetElapsedTime(start).TotalSeconds;
            Log.Backfilled(logger, model.ModelId, stored, seconds, stored / Math.Max(seconds, .001), refused.Count);
        }
    }

    private static List<(long ContentId, ReadOnlyMemory<Half> Embedding)> Embed(
        HeadSession session, FeatureChunk chunk, ConcurrentDictionary<long, string> refused)
    {
        var (n, dim) = (chunk.ContentIds.Length, session.Spec.EmbeddingDim);
        var (embeddings, reasons) = (new Half[n * dim], new string?[n]);
        session.Embed(chunk.Features, n, embeddings, reasons);
        var rows = new List<(long, ReadOnlyMemory<Half>)>(n);
        for (var i = 0; i < n; i++)
        {
            if (reasons[i] is { } reason)
            {
                refused[chunk.ContentIds[i]] = reason; // As the Embedder does under a shadow: the content stays without an embedding.
            }
            else
            {
                rows.Add((chunk.ContentIds[i], embeddings.AsMemory(i * dim, dim)));
            }
        }

        return rows;
    }

    private async Task SendAsync(ServingModel model, CancellationToken cancellationToken)
    {
        var ids = await store.ReadWithoutFeatureAsync(model.HeadId, model.BackboneId, cancellationToken);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var rows = await OutboxStore.AppendAsync(
            connection, [.. ids.Chunk(ContentsPerMessage).Select(chunk => new EmbedContents { ContentIds = chunk })], cancellationToken);
        Log.BackfillSent(logger, model.ModelId, ids.Count);
        await dispatch(rows, cancellationToken);
    }

    private async Task<HeadSession> OpenAsync(ServingModel model, CancellationToken cancellationToken)
    {
        var file = HeadFile.Load(await blobs.ReadAsync(model.HeadSha256, cancellationToken), $"the head of model {model.ModelId}");
        return file.Spec.FeatureDim == model.FeatureDim && file.Spec.EmbeddingDim == model.EmbeddingDim
            ? new HeadSession(file, new SessionSettings())
            : throw new ModelFileException(
                $"the head of model {model.ModelId} takes {file.Spec.FeatureDim} and gives {file.Spec.EmbeddingDim} values, "
                + $"registered are {model.FeatureDim} and {model.EmbeddingDim}");
    }
}
