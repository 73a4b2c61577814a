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
/// belong to the live system's validation and test are only used for the held-out figures.
/// </summary>
public sealed class FirstModelFit(TimeProvider time)
{
    private const int CopiesEach = 3;

    /// <summary>Fewer pictures than this do not span a few hundred directions: the identity head is used.</summary>
    internal const int MinToFit = 256;

    /// <summary>Fewer queries than this say nothing about a threshold.</summary>
    internal const int MinToCalibrate = 10;

    /// <param name="backbone">What the model is made around.</param>
    /// <param name="folder">Pictures.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Receives each picture that is done, from any thread.</param>
    /// <param name="cancellationToken">Stops between pictures.</param>
    /// <exception cref="TooLittleDataException">Too few pictures.</exception>
    public FirstModelFiles Fit(
        BackboneFile backbone, PictureFolder folder, FirstModelOptions options, IProgress<PreparedPictures>? progress,
        CancellationToken cancellationToken)
    {
        var seed = options.Seed;
        using var session = new BackboneSession(backbone, new SessionSettings());
        var pictures = Thin(folder.Pictures, options.MaxPictures);
        progress?.Report(new PreparedPictures(0, pictures.Count));
        var uses = pictures.Select(p => UseOf(p, folder.HasLabels)).ToArray();
        int[] copies = [.. uses.Select(use => use == Use.Fit && !options.FitsHead ? 0 : CopiesEach)];
        var families = new FeatureExtractor(session, time)
            .Extract([.. pictures.Select(p => p.Path)], copies, seed, Counted(progress, pictures.Count), cancellationToken);
        var known = Enumerable.Range(0, pictures.Count).Where(i => families[i] is not null).ToList();
        var calibrating = known.Where(i => uses[i] == Use.Calibrate).ToList();
        if (calibrating.Count < MinToCalibrate)
        {
            throw new TooLittleDataException(
                $"{calibrating.Count} of {pictures.Count} pictures can calibrate the threshold, at least {MinToCalibrate} are needed");
        }

        // Two pictures of one product are neither copies of each other nor strangers: one of them takes part.
        var taken = known.Where(i => uses[i] != Use.HeldOut).DistinctBy(i => pictures[i].Label ?? pictures[i].Path, StringComparer.Ordinal)
            .ToList();
        var fitted = options.FitsHead ? taken.Count(i => uses[i] == Use.Fit) : 0;
        var head = fitted < MinToFit
            ? HeadFile.Load(HeadBuilder.Identity(backbone.Spec.FeatureDim), "the identity head")
            : CopyHead.Fit(
                backbone.Spec, [.. taken.Select(i => families[i]!)], [.. taken.Select(i => uses[i] == Use.Calibrate)], seed,
                cancellationToken);
        using var headSession = new HeadSession(head, new SessionSettings());

        var rows = known.SelectMany(i => Embed(headSession, families[i]!)
            .Select((e, k) => new GalleryRow(i, k > 0, pictures[i].Label, false, e))).ToList();
        var calibration = CopyThreshold.Choose(
            [.. rows.Where(r => uses[r.Picture] != Use.HeldOut).Select(r => r with { IsQuery = uses[r.Picture] == Use.Calibrate })],
            options.Precision);
        var heldOut = known.Any(i => uses[i] == Use.HeldOut)
            ? CopyThreshold.Measure([.. rows.Select(r => r with { IsQuery = uses[r.Picture] == Use.HeldOut })], calibration.Threshold)
            : null;
        var report = new FirstModelReport(
            calibration.Threshold,
            new FirstModelReport.MeasuredOnCopies("edited-copies", calibration, heldOut, fitted < MinToFit ? 0 : fitted, seed,
                Convert.ToHexStringLower(backbone.Sha256.Span)),
            head.Spec.Provenance);
        return new FirstModelFiles(backbone, head, calibration.Threshold, JsonSerializer.Serialize(report, FirstModel.Json));
    }

    private static Counter? Counted(IProgress<PreparedPictures>? progress, int all) => progress is null ? null : new Counter(progress, all);

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

    private sealed class Counter(IProgress<PreparedPictures> progress, int all) : IProgress<int>
    {
        public void Report(int value) => progress.Report(new PreparedPictures(value, all));
    }

    private enum Use
    {
        Fit,
        Calibrate,
        HeldOut,
    }

    private static Use UseOf(PictureFolder.FolderPicture picture, bool labelled)
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

    private static List<PictureFolder.FolderPicture> Thin(IReadOnlyList<PictureFolder.FolderPicture> pictures, int most)
    {
        if (pictures.Count <= most)
        {
            return [.. pictures];
        }

        // Not every n-th picture: with n pictures per product, all would come from the same seller.
        return [.. Enumerable.Range(0, most).Select(i => pictures[(int)((long)i * pictures.Count / most)])];
    }
}
