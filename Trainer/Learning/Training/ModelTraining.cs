using CpfPipeline.Labels;
using CpfPipeline.Learning.Checkpoints;
using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Features;
using CpfPipeline.Learning.FullDepth;
using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Learning.Heads;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Learning.Optimisation;
using CpfPipeline.Learning.Torch;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Learning.Training;

/// <summary>
/// From labelled pictures and a backbone to a model with its threshold, measured on the test classes; without any, on the validation
/// classes.
/// </summary>
/// <param name="decoder">Decodes the pictures.</param>
/// <param name="time">Clock.</param>
/// <param name="progress">Receives what is being done and the share of it, 0 to 1.</param>
/// <param name="notice">Receives lines that a person should see.</param>
public sealed class ModelTraining(
    IPictureDecoder decoder, TimeProvider time, Action<string, double> progress, Action<string> notice)
{
    private const int MaxRowsForSeveralSettings = 20_000;

    /// <exception cref="LabelsFileException">Something is wrong with the labels.</exception>
    /// <exception cref="TooLittleDataException">Too few classes or pairs.</exception>
    /// <exception cref="ModelFileException">The backbone cannot be used.</exception>
    /// <exception cref="LossIsNotFiniteException">The loss is NaN or infinite.</exception>
    /// <exception cref="IOException">The training cannot be kept in the checkpoint folder.</exception>
    public TrainedModel Run(TrainRequest request, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var set = LabelledSetReader.Read(request.Images, [LabelledSplit.Train, LabelledSplit.Validation], mayFold: request.Full is null);
        var hasTest = set.Of(LabelledSplit.Test).Count > 0;
        var reported = hasTest ? LabelledSplit.Test : LabelledSplit.Validation;
        if (hasTest)
        {
            set = LabelledSetReader.Read(
                request.Images, [LabelledSplit.Train, LabelledSplit.Validation, LabelledSplit.Test], mayFold: request.Full is null);
        }

        var backbone = BackboneFile.Load(request.Backbone);
        Make(request.CheckpointFolder);
        var device = TorchDevice.Choose();
        notice($"training on {device.Reason}");
        var full = request.Full is { } options ? TrainBackbone(backbone, request, options, set, cancellationToken) : null;
        if (full is not null)
        {
            backbone = BackboneFile.Load(full.Backbone, "the trained backbone");
        }

        using var session = new BackboneSession(backbone, new SessionSettings());
        var pictures = set.Pictures.Where(p => p.Split != LabelledSplit.Test).ToList();
        var shown = EmbeddedSplit.PicturesOf(set, reported);
        PictureFeatures features, reportFeatures;
        using (var cache = request.FeatureFolder is { } folder && full is null
            ? FeatureCache.Open(folder, request.MaxFeatureBytes, session, time) : null)
        {
            features = Features(session, pictures, "features of train pictures", cache, cancellationToken);
            reportFeatures = Features(session, shown, "features of test pictures", cache, cancellationToken);
        }

        var (fit, settings) = Fit(request, set, pictures, features, device, full, cancellationToken);
        var candidates = fit.Candidates.Select(
            candidate => Measure(candidate, backbone, shown, reportFeatures, settings.Seed, cancellationToken)).ToList();
        return new TrainedModel
        {
            Backbone = backbone,
            BackboneName = Path.GetFileName(request.Backbone),
            Fit = fit,
            Options = settings,
            Full = request.Full,
            FullHistory = full?.History ?? [],
            Candidates = candidates,
            Best = candidates.Single(c => c.Fitted == fit.Best),
            Split = reported,
            Set = set,
            DataHash = DataHash.Of(pictures, features),
            Refused =
            [
                .. features.Refused.Select(r => (pictures[r.Picture].Name, r)),
                .. reportFeatures.Refused.Select(r => (shown[r.Picture].Name, r)),
            ],
            Device = device.Reason,
            Duration = time.GetElapsedTime(start),
        };
    }

    private FullTrainingResult TrainBackbone(
        BackboneFile start, TrainRequest request, FullTrainingOptions options, LabelledSet set, CancellationToken cancellationToken) =>
        FullTraining.Run(
        start, request.Backbone, Numbered(set.Of(LabelledSplit.Train)), Numbered(set.Of(LabelledSplit.Validation)), options,
        request.CheckpointFolder,
        new StepsProgress(progress, "backbone: "), decoder, time, cancellationToken, notice);

    private static List<TrainingPicture> Numbered(IReadOnlyList<LabelledPicture> pictures)
    {
        var index = pictures.Select(p => p.Class).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select((name, i) => (name, i)).ToDictionary(c => c.name, c => c.i, StringComparer.Ordinal);
        return
        [
            .. pictures.OrderBy(p => p.Class, StringComparer.Ordinal).ThenBy(p => p.Path, StringComparer.Ordinal)
                .Select(p => new TrainingPicture(p.Path, index[p.Class])),
        ];
    }

    private (HeadFitResult Fit, HeadOptions Options) Fit(
        TrainRequest request, LabelledSet set, List<LabelledPicture> pictures, PictureFeatures features, TorchDevice device,
        FullTrainingResult? full,
        CancellationToken cancellationToken)
    {
        (HeadFitResult Fit, HeadOptions Options)? best = null;

        // Features that were trained on the train classes know them: only the validation classes can validate. Without test classes the
        // report is on the validation classes, so no head may be fitted to them.
        using var fitSet = FitSet.Of(
            set, pictures, features, request.Heads[0], request.CatalogueSize,
            mayCrossFit: full is null && set.Of(LabelledSplit.Test).Count > 0);
        var given = full is null ? null : new LinearHead(SquareRoot: false, new float[features.Dimension], full.Projection);
        var baselines = new FitBaselines(fitSet, request.Target);
        var checkpoint = Open(request, fitSet, device, given);

        // With so much data a second setting doubles minutes of training and gains little.
        var settings = fitSet.Classes.Length > MaxRowsForSeveralSettings ? 1 : request.Heads.Count;
        for (var i = 0; i < settings; i++)
        {
            var options = request.Heads[i].Validated();
            TorchDevice.Seed(options.Seed);
            var name = settings == 1 ? "" : $"setting {i + 1} of {settings}, ";
            var fit = new HeadFit(fitSet, baselines, options, device.Device, given, new StepsProgress(progress, name), checkpoint, name)
                .Run(cancellationToken);
            if (best is null || fit.Best.ValidationF1 > best.Value.Fit.Best.ValidationF1)
            {
                best = (fit, options);
            }
        }

        return best!.Value;
    }

    // Before the long work: a person should learn now that the folder cannot be written.
    private static void Make(string? folder)
    {
        try
        {
            if (folder is not null)
            {
                Directory.CreateDirectory(folder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"cannot write to {folder}: {e.Message} Choose another folder.", e);
        }
    }

    private HeadCheckpoint? Open(TrainRequest request, FitSet set, TorchDevice device, LinearHead? given)
    {
        if (request.CheckpointFolder is not { } folder)
        {
            return null;
        }

        var checkpoint = HeadCheckpoint.Open(
            folder, HeadRun.Hash(set, request.Heads, request.Target, device.Device, given), time, HeadCheckpoint.Interval);
        if (checkpoint.Ignored is { } reason)
        {
            notice(CheckpointFile.Unused(reason));
        }

        return checkpoint;
    }

    private PictureFeatures Features(
        BackboneSession session, IReadOnlyList<LabelledPicture> pictures, string step, FeatureCache? cache,
        CancellationToken cancellationToken) =>
        PictureFeatures.Compute(
            session, [.. pictures.Select(p => p.Path)], decoder, new PictureProgress(progress, step, pictures.Count), cancellationToken,
            cache);

    private MeasuredCandidate Measure(
        FittedHead fitted, BackboneFile backbone, IReadOnlyList<LabelledPicture> pictures, PictureFeatures features, int seed,
        CancellationToken cancellationToken)
    {
        var head = HeadFile.Load(fitted.Head.ToOnnx($"{fitted.Name} head; {backbone.Spec.Provenance}"), $"the {fitted.Name} head");
        using var session = new HeadSession(head, new SessionSettings());
        var embedded = EmbeddedSplit.Of(pictures, HeadEmbeddings.Compute(session, features, cancellationToken));
        var result = ModelEvaluation.Measure(
            embedded.Set, fitted.Calibration.Threshold, embedded.Labels, seed, new Evaluating(progress, fitted.Name), cancellationToken);
        return new MeasuredCandidate(fitted, head, embedded, result);
    }

    private sealed class PictureProgress(Action<string, double> progress, string step, int count) : IProgress<int>
    {
        public void Report(int value) => progress(step, (double)value / count);
    }

    private sealed class StepsProgress(Action<string, double> progress, string name) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => progress(name + value.Stage, value.Steps == 0 ? 0 : (double)value.Step / value.Steps);
    }

    private sealed class Evaluating(Action<string, double> progress, string name) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => progress($"measuring {name}: {value.Step}", value.Share);
    }
}
