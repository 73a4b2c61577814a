using System.Buffers;
using CpfPipeline.Data.Models;
using CpfPipeline.Embedder.Serving;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Embedder.Embedding;

/// <summary>Computes what a plan lacks: features by the workers, then embeddings from the rounded features, new or stored.</summary>
internal sealed class BatchComputation(EmbeddingStore store, FeatureWorkers workers, ILogger<BatchComputation> logger)
{
    public async Task<ComputedBatch> RunAsync(EmbeddingPlan plan, ServingLease lease, Urgency urgency, CancellationToken cancellationToken)
    {
        var active = lease.Models.FirstOrDefault(m => m.State == ModelState.Active);
        var features = new List<FeatureRows>();
        var rejections = new Dictionary<long, ContentRejection>();
        var failures = new Dictionary<long, Exception>();
        foreach (var (backboneId, contents) in plan.ToDecode.Where(entry => entry.Value.Count > 0).OrderBy(entry => entry.Key))
        {
            var batch = new FeatureBatch(lease.Backbone(backboneId), contents, urgency, cancellationToken);
            await workers.RunAsync(batch, cancellationToken);
            features.Add(Collect(batch, backboneId, active?.BackboneId, rejections, failures));
        }

        var embeddings = new List<EmbeddingRows>();
        foreach (var head in lease.Models.DistinctBy(m => m.HeadId).OrderBy(m => m.HeadId))
        {
            var inputs = await GatherAsync(plan, head, features, rejections, cancellationToken);
            if (inputs.Count > 0)
            {
                embeddings.Add(Embed(lease, head, inputs, active?.HeadId, rejections));
            }
        }

        // A content that is rejected by one network of the active model is stored under none.
        return new ComputedBatch(
            [.. features.Select(f => Without(f, rejections))], [.. embeddings.Select(e => Without(e, rejections))],
            [.. rejections.Values.OrderBy(r => r.ContentId)], failures,
            plan.ToDecode.Values.SelectMany(v => v.Select(w => w.ContentId)).Distinct().Count());
    }

    private FeatureRows Collect(
        FeatureBatch batch, long backboneId, long? activeBackbone, Dictionary<long, ContentRejection> rejections,
        Dictionary<long, Exception> failures)
    {
        var (ids, rows) = (new List<long>(), new List<ReadOnlyMemory<Half>>());
        for (var i = 0; i < batch.Contents.Count; i++)
        {
            var (id, outcome) = (batch.Contents[i].ContentId, batch.Outcome(i));
            if (outcome.HasFeature)
            {
                ids.Add(id);
                rows.Add(batch.Feature(i));
            }
            else if (outcome.Failure is { } failure)
            {
                failures.TryAdd(id, failure);
            }
            else if (backboneId == activeBackbone || !FeatureRefusal.DependsOnNetwork(outcome.Reason!))
            {
                rejections.TryAdd(id, new ContentRejection(id, outcome.Reason!, outcome.Detail!));
            }
            else
            {
                Log.ShadowRefused(logger, id, backboneId, outcome.Reason!);
            }
        }

        return new FeatureRows(backboneId, ids, rows);
    }

    private async Task<List<(long Id, ReadOnlyMemory<Half> Feature)>> GatherAsync(
        EmbeddingPlan plan, ServingModel head, List<FeatureRows> computed, Dictionary<long, ContentRejection> rejections,
        CancellationToken cancellationToken)
    {
        var features = new Dictionary<long, ReadOnlyMemory<Half>>();
        foreach (var rows in computed.Where(f => f.BackboneId == head.BackboneId))
        {
            for (var i = 0; i < rows.ContentIds.Count; i++)
            {
                features.Add(rows.ContentIds[i], rows.Features[i]);
            }
        }

        var stored = plan.ToEmbed[head.HeadId].Where(w => w.BackboneIds.Contains(head.BackboneId)).Select(w => w.ContentId).ToList();
        if (stored.Count > 0)
        {
            foreach (var (id, feature) in await store.ReadFeaturesAsync(head.BackboneId, stored, cancellationToken))
            {
                features[id] = feature;
            }
        }

        return [.. plan.ToEmbed[head.HeadId]
            .Where(w => features.ContainsKey(w.ContentId) && !rejections.ContainsKey(w.ContentId))
            .Select(w => (w.ContentId, features[w.ContentId]))];
    }

    private EmbeddingRows Embed(
        ServingLease lease, ServingModel head, List<(long Id, ReadOnlyMemory<Half> Feature)> inputs, long? activeHead,
        Dictionary<long, ContentRejection> rejections)
    {
        var session = lease.Head(head.HeadId);
        var (featureDim, embeddingDim) = (head.FeatureDim, head.EmbeddingDim);
        var rented = ArrayPool<Half>.Shared.Rent(inputs.Count * featureDim);
        try
        {
            for (var i = 0; i < inputs.Count; i++)
            {
                inputs[i].Feature.Span.CopyTo(rented.AsSpan(i * featureDim, featureDim));
            }

            var embeddings = new Half[inputs.Count * embeddingDim];
            var reasons = new string?[inputs.Count];
            session.Embed(rented, inputs.Count, embeddings, reasons);
            var (ids, rows) = (new List<long>(), new List<ReadOnlyMemory<Half>>());
            for (var i = 0; i < inputs.Count; i++)
            {
                var id = inputs[i].Id;
                if (reasons[i] is not { } reason)
                {
                    ids.Add(id);
                    rows.Add(embeddings.AsMemory(i * embeddingDim, embeddingDim));
                }
                else if (head.HeadId == activeHead)
                {
                    rejections.TryAdd(id, new ContentRejection(id, reason, FeatureRefusal.Explain(reason)));
                }
                else
                {
                    Log.ShadowRefused(logger, id, head.HeadId, reason);
                }
            }

            return new EmbeddingRows(head.HeadId, head.BackboneId, ids, rows);
        }
        finally
        {
            ArrayPool<Half>.Shared.Return(rented);
        }
    }

    private static FeatureRows Without(FeatureRows rows, Dictionary<long, ContentRejection> rejections)
    {
        var kept = Kept(rows.ContentIds, rejections);
        return kept.Count == rows.ContentIds.Count
            ? rows
            : new FeatureRows(rows.BackboneId, [.. kept.Select(i => rows.ContentIds[i])], [.. kept.Select(i => rows.Features[i])]);
    }

    private static EmbeddingRows Without(EmbeddingRows rows, Dictionary<long, ContentRejection> rejections)
    {
        var kept = Kept(rows.ContentIds, rejections);
        return kept.Count == rows.ContentIds.Count
            ? rows
            : new EmbeddingRows(
                rows.HeadId, rows.BackboneId, [.. kept.Select(i => rows.ContentIds[i])], [.. kept.Select(i => rows.Embeddings[i])]);
    }

    private static List<int> Kept(IReadOnlyList<long> ids, Dictionary<long, ContentRejection> rejections) =>
        [.. Enumerable.Range(0, ids.Count).Where(i => !rejections.ContainsKey(ids[i]))];
}
