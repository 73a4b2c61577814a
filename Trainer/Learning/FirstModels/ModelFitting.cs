using System.Globalization;
using System.Numerics.Tensors;
using System.Security.Cryptography;
using System.Text.Json;
using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.Features;
using CpfPipeline.Learning.Heads;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Learning.FirstModels;

/// <summary>
/// Fits a head to the features of pictures and their edited copies and measures the threshold on copies of other pictures. Classes that
/// belong to the live system's validation and test take no part; they only give the held-out figures.
/// </summary>
internal sealed class ModelFitting(TimeProvider time)
{
    private const int EmbeddingDim = 128;
    private const double Shrinkage = .1;
    private const int CopiesEach = 3;

    /// <summary>Fewer pictures than this do not span 128 directions twice over: the identity head is used.</summary>
    internal const int FewestToFit = 256;

    /// <summary>Fewer queries than this say nothing about a threshold.</summary>
    internal const int FewestToCalibrate = 10;

    /// <summary>More pictures than this are thinned out evenly: a minute of work, not an hour.</summary>
    private const int MostPictures = 3_000;

    /// <exception cref="TooLittleDataException">Too few pictures.</exception>
    public FirstModelFiles Fit(BackboneFile backbone, PictureFolder folder, int seed, CancellationToken cancellationToken)
    {
        using var session = new BackboneSession(backbone, new SessionSettings());
        var pictures = Thin(folder.Pictures);
        var families = new FeatureExtractor(session, time)
            .Extract([.. pictures.Select(p => p.Path)], CopiesEach, seed, cancellationToken);
        var uses = pictures.Select(p => UseOf(p, folder.HasLabels)).ToArray();
        var known = Enumerable.Range(0, pictures.Count).Where(i => families[i] is not null).ToList();
        var calibrating = known.Where(i => uses[i] == Use.Calibrate).ToList();
        if (calibrating.Count < FewestToCalibrate)
        {
            throw new TooLittleDataException(
                $"{calibrating.Count} of {pictures.Count} pictures can calibrate the threshold, at least {FewestToCalibrate} are needed");
        }

        var fitted = known.Where(i => uses[i] == Use.Fit).ToList();
        var head = HeadFile.Load(MakeHead(backbone.Spec, [.. fitted.Select(i => families[i]!)]), "the fitted head");
        var fittedCount = fitted.Count < FewestToFit ? 0 : fitted.Count;
        using var headSession = new HeadSession(head, new SessionSettings());

        var rows = known.SelectMany(i => Embed(headSession, families[i]!)
            .Select((e, k) => new GalleryRow(i, k > 0, pictures[i].Label, false, e))).ToList();
        var calibration = CopyThreshold.Measure(
            [.. rows.Where(r => uses[r.Picture] != Use.HeldOut).Select(r => r with { IsQuery = uses[r.Picture] == Use.Calibrate })]);
        var heldOut = known.Any(i => uses[i] == Use.HeldOut)
            ? CopyThreshold.Measure([.. rows.Select(r => r with { IsQuery = uses[r.Picture] == Use.HeldOut })], calibration.Threshold)
            : null;
        var report = new FirstModelReport(
            calibration.Threshold,
            new FirstModelReport.Measured("edited-copies", calibration, heldOut, fittedCount, seed),
            backbone.Spec.Provenance);
        return new FirstModelFiles(backbone, head, calibration.Threshold, JsonSerializer.Serialize(report, FirstModel.Json));
    }

    private static byte[] MakeHead(BackboneSpec spec, List<FeatureExtractor.Family> families)
    {
        if (families.Count < FewestToFit)
        {
            return HeadBuilder.Identity(spec.FeatureDim);
        }

        var provenance = string.Create(
            CultureInfo.InvariantCulture, $"copy-aware PCA of {families.Count} pictures and their edited copies; {spec.Provenance}");
        return HeadBuilder.CopyAware(
            [.. families.Select(f => f.Original)],
            [.. families.SelectMany(f => f.Copies.Select(c => (c, f.Original)))],
            EmbeddingDim, Shrinkage, provenance);
    }

    private static List<float[]> Embed(HeadSession session, FeatureExtractor.Family family)
    {
        var (f, d) = (session.Spec.FeatureDim, session.Spec.EmbeddingDim);
        var all = new List<float[]> { family.Original };
        all.AddRange(family.Copies);
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

    private enum Use
    {
        Fit,
        Calibrate,
        HeldOut,
    }

    private static Use UseOf(PictureFolder.Picture picture, bool labelled)
    {
        if (!labelled)
        {
            // Without labels every content is its own class, and its bytes are its key.
            var first = SHA256.HashData(File.ReadAllBytes(picture.Path))[0];
            return first < 51 ? Use.Calibrate : Use.Fit;
        }

        return picture.Label is null || picture.Held || !ClassSplit.IsTrain(picture.Label) ? Use.HeldOut
            : ClassSplit.IsCalibration(picture.Label) ? Use.Calibrate
            : Use.Fit;
    }

    private static List<PictureFolder.Picture> Thin(IReadOnlyList<PictureFolder.Picture> pictures)
    {
        if (pictures.Count <= MostPictures)
        {
            return [.. pictures];
        }

        // Not every n-th: with n pictures a product that would always be the same seller's.
        return [.. Enumerable.Range(0, MostPictures).Select(i => pictures[(int)((long)i * pictures.Count / MostPictures)])];
    }
}
