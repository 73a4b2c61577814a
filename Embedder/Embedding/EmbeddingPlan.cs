using CpfPipeline.Data.Models;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Embedder.Embedding;

/// <summary>Which contents need what under the serving models.</summary>
/// <param name="ToDecode">By backbone: contents without its feature. Only these are read and decoded.</param>
/// <param name="ToEmbed">By head: contents without its embedding; those with a stored feature need the head only.</param>
/// <param name="Embedded">By head: contents that have its embedding already.</param>
/// <param name="Undecodable">Contents refused before: images linked to them since are to be rejected.</param>
internal sealed record EmbeddingPlan(
    IReadOnlyDictionary<long, IReadOnlyList<ContentWork>> ToDecode,
    IReadOnlyDictionary<long, IReadOnlyList<ContentWork>> ToEmbed,
    IReadOnlyDictionary<long, IReadOnlyList<long>> Embedded,
    IReadOnlyList<ContentWork> Undecodable)
{
    public static EmbeddingPlan For(IReadOnlyList<ContentWork> work, IReadOnlyList<ServingModel> models)
    {
        var stored = work.Where(w => w.State == ContentState.Stored).ToList();
        var heads = models.DistinctBy(m => m.HeadId).ToList();
        return new EmbeddingPlan(
            heads.Select(h => h.BackboneId).Distinct().ToDictionary(
                backbone => backbone,
                backbone => (IReadOnlyList<ContentWork>)[.. stored.Where(w => !w.BackboneIds.Contains(backbone))]),
            heads.ToDictionary(
                h => h.HeadId, h => (IReadOnlyList<ContentWork>)[.. stored.Where(w => !w.HeadIds.Contains(h.HeadId))]),
            heads.ToDictionary(
                h => h.HeadId,
                h => (IReadOnlyList<long>)[.. stored.Where(w => w.HeadIds.Contains(h.HeadId)).Select(w => w.ContentId)]),
            [.. work.Where(w => w.State == ContentState.Undecodable)]);
    }
}
