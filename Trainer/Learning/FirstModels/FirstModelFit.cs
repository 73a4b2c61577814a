using System.Text.Json;
using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.Features;
using CpfPipeline.Learning.Heads;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Learning.FirstModels;

/// <summary>
/// Fits a head to the features of pictures and their edited copies and measures the threshold on copies of other pictures. Classes that
/// belong to the live system's validation and test are only used for the held-out figures.
/// </summary>
/// <param name="decoder">Decodes the pictures.</param>
public sealed class FirstModelFit(IPictureDecoder decoder)
{
    /// <summary>Fewer pictures than this do not span a few hundred directions: the identity head is used.</summary>
    internal const int MinToFit = 256;

    /// <summary>Fewer queries than this say nothing about a threshold.</summary>
    internal const int MinToCalibrate = 10;

    /// <param name="backbone">What the model is made around.</param>
    /// <param name="folder">Pictures.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Receives each picture that is done, from any thread.</param>
    /// <param name="cancellationToken">Stops between pictures.</param>
    /// <param name="alsoFitted">
    /// Further folders that a head is fitted to, each with the weight of the first; the threshold is not chosen on them.
    /// </param>
    /// <param name="openCache">Opens the features of earlier runs; null: none are kept.</param>
    /// <exception cref="TooLittleDataException">Too few pictures.</exception>
    public FirstModelFiles Fit(
        BackboneFile backbone, PictureFolder folder, FirstModelOptions options, IProgress<PreparedPictures>? progress,
        CancellationToken cancellationToken, IReadOnlyList<PictureFolder>? alsoFitted = null,
        Func<BackboneSession, FeatureCache?>? openCache = null)
    {
        using var session = new BackboneSession(backbone, new SessionSettings());
        using var cache = openCache?.Invoke(session);
        var others = alsoFitted ?? [];
        var pictures = CopyPictures.Of([folder, .. others], options.MaxPictures);
        var families = Extract(new FeatureExtractor(session, decoder, cache), pictures, options, progress, cancellationToken);
        var calibrating = families.Count(f => f.Picture is { Set: 0, Use: CopyUse.Calibrates });
        if (calibrating < MinToCalibrate)
        {
            throw new TooLittleDataException(
                $"{calibrating} of {pictures.Count(p => p.Set == 0)} pictures can calibrate the threshold, at least {MinToCalibrate} are "
                    + "needed");
        }

        var fitting = families.Where(f => f.Picture.Use == CopyUse.Fits && options.FitsHead).ToList();
        var isFitted = fitting.Count >= MinToFit;
        var head = isFitted
            ? CopyHead.Fit(backbone.Spec, fitting, options.EmbeddingDim, cancellationToken)
            : HeadFile.Load(HeadBuilder.Identity(backbone.Spec.FeatureDim), "the identity head");
        var gallery = new CopyGallery(head, families);
        var calibration = CopyThreshold.Choose(gallery.Rows(0, CopyUse.Calibrates), options.Precision);
        CopyCalibration? At(int set, CopyUse use) => families.Exists(f => f.Picture.Set == set && f.Picture.Use == use)
            ? CopyThreshold.Measure(gallery.Rows(set, use), calibration.Threshold)
            : null;
        var report = new FirstModelReport(
            calibration.Threshold,
            new FirstModelReport.MeasuredOnCopies(
                "edited-copies", options.Precision, calibration, At(0, CopyUse.HeldOut),
                [.. others.Select((_, i) => At(i + 1, CopyUse.HeldOut) ?? At(i + 1, CopyUse.Calibrates)).OfType<CopyCalibration>()],
                isFitted ? fitting.Count : 0, options.Seed, Convert.ToHexStringLower(backbone.Sha256.Span)),
            head.Spec.Provenance);
        return new FirstModelFiles(backbone, head, calibration.Threshold, JsonSerializer.Serialize(report, FirstModel.Json));
    }

    private static List<CopyFamily> Extract(
        FeatureExtractor extractor, IReadOnlyList<CopyPicture> pictures, FirstModelOptions options, IProgress<PreparedPictures>? progress,
        CancellationToken cancellationToken)
    {
        progress?.Report(new PreparedPictures(0, pictures.Count));
        int[] copies = [.. pictures.Select(p => p.Use == CopyUse.Fits && !options.FitsHead ? 0 : options.CopiesEach)];
        var features = extractor.Extract(
            [.. pictures.Select(p => p.Path)], copies, options.Edits, options.Seed, Counted(progress, pictures.Count), cancellationToken);
        return
        [
            .. pictures.Zip(features).Where(p => p.Second is not null)
                .Select(p => new CopyFamily(p.First, p.Second!.Original, p.Second.Copies)),
        ];
    }

    private static Counter? Counted(IProgress<PreparedPictures>? progress, int all) => progress is null ? null : new Counter(progress, all);

    private sealed class Counter(IProgress<PreparedPictures> progress, int all) : IProgress<int>
    {
        public void Report(int value) => progress.Report(new PreparedPictures(value, all));
    }
}
