using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Probes;
using CpfPipeline.Embedder.Embedding;
using CpfPipeline.Embedder.Renditions;
using CpfPipeline.Embedder.Serving;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Embedder.Probes;

/// <summary>
/// Embeds probes by the way that contents are embedded: the same decoder, backbone and head, and a feature that is rounded to halves first.
/// So a probe's embedding is the one that its bytes would get as a content.
/// </summary>
internal sealed class ProbeEmbedder(IProbeStore probes, ServingModels serving, FeatureWorkers workers, ThumbnailMaker thumbnails)
{
    /// <summary>Embeds a checked probe under the active model and writes its answer. Does nothing when nobody waits any more.</summary>
    public async Task EmbedAsync(Guid probeId, CancellationToken cancellationToken)
    {
        if (await probes.ReadAsync(probeId, ProbePart.Checked, cancellationToken) is not { } bytes)
        {
            return;
        }

        using var lease = await serving.AcquireAsync(cancellationToken);
        if (lease.Models.FirstOrDefault(m => m.State == ModelState.Active) is { } model)
        {
            var answer = await EmbedAsync(bytes, model, lease, cancellationToken);
            await probes.WriteAsync(probeId, ProbePart.Answer, answer.ToJson(), cancellationToken);
        }
    }

    private async Task<ProbeAnswer> EmbedAsync(byte[] bytes, ServingModel model, ServingLease lease, CancellationToken cancellationToken)
    {
        var sha256 = SHA256.HashData(bytes);
        var batch = new FeatureBatch(
            lease.Backbone(model.BackboneId), [new ContentWork(0, sha256, ContentState.Stored, null, null, [], [])], Urgency.Arrival,
            cancellationToken);
        await workers.RunAsync(batch, bytes, cancellationToken);
        var outcome = batch.Outcome(0);
        if (outcome.Failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        if (outcome.Reason is { } refused)
        {
            return ProbeAnswer.Refuse(refused, outcome.Detail);
        }

        var (embedding, reasons) = (new Half[model.EmbeddingDim], new string?[1]);
        lease.Head(model.HeadId).Embed(batch.Feature(0).Span, 1, embedding, reasons);
        if (reasons[0] is { } reason)
        {
            return ProbeAnswer.Refuse(reason, FeatureRefusal.Explain(reason));
        }

        var thumbnail = await thumbnails.MakeAsync(Rendition.Small, _ => Task.FromResult<byte[]?>(bytes), cancellationToken);
        return new ProbeAnswer
        {
            Sha256 = sha256, HeadId = model.HeadId, EmbeddingBytes = ProbeAnswer.BytesOf(embedding), IsBlank = outcome.IsBlank,
            Thumbnail = thumbnail?.WebP ?? [],
        };
    }
}
