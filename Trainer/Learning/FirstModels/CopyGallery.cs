using System.Numerics.Tensors;
using CpfPipeline.Learning.Calibration;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Learning.FirstModels;

/// <summary>Pictures and copies under a head, as a calibration compares them.</summary>
internal sealed class CopyGallery
{
    private readonly IReadOnlyList<CopyFamily> _families;
    private readonly List<List<float[]>> _embeddings;

    /// <param name="head">What embeds them.</param>
    /// <param name="families">All there is.</param>
    public CopyGallery(HeadFile head, IReadOnlyList<CopyFamily> families)
    {
        using var session = new HeadSession(head, new SessionSettings());
        (_families, _embeddings) = (families, [.. families.Select(f => Embed(session, f))]);
    }

    /// <summary>
    /// Pictures of one use as queries among all of their set. What is held out does not meet what the threshold is chosen on.
    /// </summary>
    public IReadOnlyList<GalleryRow> Rows(int set, CopyUse use) =>
    [
        .. Enumerable.Range(0, _families.Count)
            .Where(i => _families[i].Picture.Set == set && (use == CopyUse.HeldOut || _families[i].Picture.Use != CopyUse.HeldOut))
            .SelectMany(i => _embeddings[i].Select((e, k) =>
                new GalleryRow(i, k > 0, _families[i].Picture.Label, _families[i].Picture.Use == use, e))),
    ];

    private static List<float[]> Embed(HeadSession session, CopyFamily family)
    {
        var (f, d) = (session.Spec.FeatureDim, session.Spec.EmbeddingDim);
        List<float[]> all = [family.Original, .. family.Copies];
        var (features, embeddings, reasons) = (new Half[all.Count * f], new Half[all.Count * d], new string?[all.Count]);
        for (var i = 0; i < all.Count; i++)
        {
            TensorPrimitives.ConvertToHalf(all[i], features.AsSpan(i * f, f));
        }

        session.Embed(features, all.Count, embeddings, reasons);
        return [.. Enumerable.Range(0, all.Count).Select(i =>
        {
            var row = new float[d];
            TensorPrimitives.ConvertToSingle(embeddings.AsSpan(i * d, d), row);
            return row;
        })];
    }
}
