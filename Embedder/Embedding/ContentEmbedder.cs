using System.Runtime.ExceptionServices;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Embedder.Serving;
using CpfPipeline.Hosting.Outbox;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Embedder.Embedding;

/// <summary>Brings contents to where every serving model has their embedding, and announces them. Doing it again changes nothing.</summary>
internal sealed class ContentEmbedder(
    ServingModels serving, BatchComputation computation, EmbeddingStore embeddings, ContentRejectionStore rejections,
    OutboxDispatcher dispatcher, EmbedderMetrics metrics, TimeProvider time, ILogger<ContentEmbedder> logger)
{
    // A transaction's size, and the features held in memory: 256 of 1,280 halves are 0.7 MB.
    private const int ChunkSize = 256;
    private const int MaxPasses = 10;

    /// <summary>
    /// Embeds contents. Bad pictures are rejected; contents whose blob or computation failed are handed to the backfill queue one by
    /// one (see <see cref="FailureRule"/>).
    /// </summary>
    /// <exception cref="BlobMissingException">The only content, or all of many, have no blob.</exception>
    public async Task EmbedAsync(IReadOnlyCollection<long> contentIds, Urgency urgency, CancellationToken cancellationToken)
    {
        foreach (var chunk in contentIds.Distinct().Order().Chunk(ChunkSize))
        {
            await EmbedChunkAsync(chunk, urgency, cancellationToken);
        }
    }

    private async Task EmbedChunkAsync(IReadOnlyList<long> contentIds, Urgency urgency, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var pending = contentIds;
        for (var pass = 1; pending.Count > 0; pass++)
        {
            if (pass > MaxPasses)
            {
                throw new InvalidOperationException($"The serving models changed {MaxPasses} times while one batch was embedded.");
            }

            pending = await PassAsync(pending, urgency, cancellationToken);
        }

        metrics.BatchDone(time.GetElapsedTime(start));
    }

    /// <summary>Returns the contents that need another pass.</summary>
    private async Task<IReadOnlyList<long>> PassAsync(IReadOnlyList<long> contentIds, Urgency urgency, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        using var lease = await serving.AcquireAsync(cancellationToken);
        var heads = lease.Models.Select(m => m.HeadId).Distinct().ToArray();
        var work = await embeddings.ReadWorkAsync(
            contentIds, lease.Models.Select(m => m.BackboneId).Distinct().ToArray(), heads, cancellationToken);
        var plan = EmbeddingPlan.For(work, lease.Models);
        var computed = await WithoutVanishedAsync(await computation.RunAsync(plan, lease, urgency, cancellationToken), cancellationToken);
        await RejectAsync(plan, computed, cancellationToken);

        var isolate = FailureRule.Isolate(contentIds.Count, computed.Attempted, computed.Failures.Count);
        var commit = await embeddings.CommitAsync(
            new EmbeddingBatch(heads, computed.Features, computed.Embeddings, plan.Embedded) { Blank = computed.Blank },
            (embedded, replaced) => EmbeddingMessages.ForEmbedded(embedded, replaced, isolate ? computed.Failures.Keys.Order() : []),
            cancellationToken);
        if (commit.ServingChanged)
        {
            Log.ServingChanged(logger, contentIds.Count);
            await serving.ReloadAsync(cancellationToken);
            return contentIds;
        }

        await dispatcher.DispatchAsync(commit.Outbox, cancellationToken);
        Account(contentIds.Count, computed, commit, start);
        if (computed.Failures.Count > 0 && !isolate)
        {
            ExceptionDispatchInfo.Throw(computed.Failures.Values.First());
        }

        if (isolate)
        {
            Log.FailuresIsolated(logger, computed.Failures.Count);
        }

        return commit.Overtaken;
    }

    // Erased or collected while it was worked on, bytes first: nothing is broken and nothing is left to do.
    private async Task<ComputedBatch> WithoutVanishedAsync(ComputedBatch computed, CancellationToken cancellationToken)
    {
        var missing = computed.Failures.Where(f => f.Value is BlobMissingException).Select(f => f.Key).ToArray();
        if (missing.Length == 0)
        {
            return computed;
        }

        var there = (await embeddings.ReadWorkAsync(missing, [], [], cancellationToken))
            .Where(w => w.State == ContentState.Stored).Select(w => w.ContentId).ToHashSet();
        return computed with
        {
            Failures = computed.Failures.Where(f => f.Value is not BlobMissingException || there.Contains(f.Key)).ToDictionary(),
        };
    }

    private async Task RejectAsync(EmbeddingPlan plan, ComputedBatch computed, CancellationToken cancellationToken)
    {
        var refused = plan.Undecodable
            .Select(w =>
                new ContentRejection(w.ContentId, w.RejectReason ?? RejectReasons.Undecodable, w.RejectDetail ?? string.Empty))
            .Concat(computed.Rejections)
            .ToList();
        if (refused.Count == 0)
        {
            return;
        }

        foreach (var rejection in computed.Rejections)
        {
            metrics.Rejected(rejection.Reason);
            Log.ContentRejected(logger, rejection.ContentId, rejection.Reason, rejection.Detail);
        }

        var outbox = await rejections.RejectAsync(refused, EmbeddingMessages.ForRejected, cancellationToken);
        await dispatcher.DispatchAsync(outbox, cancellationToken);
    }

    private void Account(int contents, ComputedBatch computed, EmbeddingCommit commit, long start)
    {
        foreach (var (id, failure) in computed.Failures)
        {
            Log.ContentFailed(logger, id, failure.Message);
        }

        metrics.Count("embedded", commit.Stored);
        metrics.Count("rejected", computed.Rejections.Count);
        metrics.Count("failed", computed.Failures.Count);
        metrics.Count("known", Math.Max(0, contents - computed.Attempted));
        Log.Embedded(
            logger, contents, computed.Attempted, commit.Stored, computed.Rejections.Count,
            (long)time.GetElapsedTime(start).TotalMilliseconds);
    }
}
