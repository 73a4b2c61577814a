using System.ComponentModel.DataAnnotations;
using System.Globalization;
using CpfPipeline.CommandLine;
using CpfPipeline.Labels;
using CpfPipeline.Learning.Autograd;
using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.Checkpoints;
using CpfPipeline.Learning.Features;
using CpfPipeline.Learning.FirstModels;
using CpfPipeline.Learning.FullDepth;
using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Learning.Losses;
using CpfPipeline.Learning.ModelFolders;
using CpfPipeline.Learning.Torch;
using CpfPipeline.Learning.Training;

namespace CpfPipeline.Trainer.Offline;

/// <summary><c>train</c>: labelled pictures and a backbone to a model folder.</summary>
internal static class TrainCommand
{
    private const int RefusedShown = 5;

    /// <summary>Inside the model folder, unless another folder is given. Deleted after success.</summary>
    private const string CheckpointFolder = ".training";

    public static int Run(TrainSettings settings, OfflineConsole console, CancellationToken cancellationToken)
    {
        var (output, error, time, _) = console;
        TrainOptionUse.Check(settings);
        if (settings.Unlabelled)
        {
            return Unlabelled(settings, console, cancellationToken);
        }

        var request = Request(settings) with
        {
            FeatureFolder = console.FeatureFolder(settings.FeatureCacheMegabytes),
            MaxFeatureBytes = settings.FeatureCacheMegabytes * 1_000_000L,
        };
        using var line = new ProgressLine(error, time);
        using var decoders = console.OpenDecoders();
        TorchMemory.KeepFreed();
        if (OrKept(
            () => new ModelTraining(decoders, time, line.Report, error.WriteLine).Run(request, cancellationToken),
            request.CheckpointFolder!, line, error, cancellationToken) is not { } model)
        {
            return 3;
        }

        line.Report("writing the report", 0);
        var json = ModelReport.Json(model);
        ModelFolder.Write(
            request.Out, model.Backbone.Bytes, model.Best.File.Bytes, ModelReport.Text(json),
            ModelReport.Html(model, decoders, cancellationToken));
        CheckpointFile.Remove(request.CheckpointFolder!, HeadCheckpoint.FileName);
        CheckpointFile.Remove(request.CheckpointFolder!, FullCheckpoint.FileName);
        line.Dispose();
        WriteRefused(model.Refused, error);

        if (!model.Best.Fitted.Calibration.Reached)
        {
            error.WriteLine("no threshold reaches the wanted precision with confidence; the nearest was taken");
        }

        if (settings.Json)
        {
            output.WriteLine(ModelReport.Text(json));
        }
        else
        {
            foreach (var candidate in model.Candidates)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{candidate.Fitted.Name,-13} validation F1 {candidate.Fitted.ValidationF1:0.000}   "
                        + $"{SplitWords.Of(model.Split)} F1 {candidate.Result.Figures.F1:0.000} (best possible "
                        + $"{candidate.Result.Figures.BestF1:0.000}), R@1 {candidate.Result.Figures.RecallAt1:0.000}"));
            }

            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{request.Out}: {model.Best.Fitted.Name} head, threshold {model.Best.Fitted.Calibration.Threshold:0.0000}, "
                    + $"{model.Duration.TotalSeconds:0} s; look at {Path.Combine(request.Out, ModelFolder.PageName)}"));
        }

        return model.Refused.Count == 0 ? 0 : 1;
    }

    private static int Unlabelled(TrainSettings settings, OfflineConsole console, CancellationToken cancellationToken)
    {
        var (output, error, time, _) = console;
        var (target, defaults) = (settings.Out, new FirstModelOptions());
        var checkpoint = settings.Checkpoint ?? Path.Combine(target, CheckpointFolder);
        var request = new UnlabelledRequest
        {
            Images = settings.Images[0],
            Backbone = settings.Backbone,
            Out = target,
            CheckpointFolder = checkpoint,
            Full = settings.Depth == "head" ? null : Checked(() => Full(settings, Head(settings)), o => o.Check()),
            Head = defaults with
            {
                Precision = settings.Precision ?? defaults.Precision, Seed = settings.Seed ?? defaults.Seed,
                EmbeddingDim = settings.Depth == "head" ? settings.Dim : null,
            },
            OpenCache = session => console.FeatureFolder(settings.FeatureCacheMegabytes) is { } folder
                ? FeatureCache.Open(folder, settings.FeatureCacheMegabytes * 1_000_000L, session, time)
                : null,
        };
        using var line = new ProgressLine(error, time);
        using var decoders = console.OpenDecoders();
        TorchMemory.KeepFreed();
        if (OrKept(
            () => Tuple.Create(new UnlabelledTraining(decoders, time, line.Report, error.WriteLine).Run(request, cancellationToken)),
            checkpoint, line, error, cancellationToken) is not { } trained)
        {
            return 3;
        }

        var (json, refused) = trained.Item1;
        CheckpointFile.Remove(checkpoint, FullCheckpoint.FileName);
        line.Dispose();
        WriteRefused(refused, error);
        output.WriteLine(settings.Json
            ? ModelReport.Text(json)
            : $"{target}: edited copies of pictures that did not train: F1 {json["f1"]}, precision {json["precision"]}, recall "
                + $"{json["recall"]}; look at {Path.Combine(target, ModelFolder.PageName)}");
        return refused.Count == 0 ? 0 : 1;
    }

    /// <returns>Null when it was interrupted.</returns>
    private static T? OrKept<T>(
        Func<T> train, string checkpointFolder, ProgressLine line, TextWriter error, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return train();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            line.Dispose();
            error.WriteLine(HeadCheckpoint.IsIn(checkpointFolder) || FullCheckpoint.IsIn(checkpointFolder)
                ? $"interrupted; run the same command again to go on from here ({checkpointFolder} keeps what is done)"
                : "interrupted before training began; run the same command again");
            return null;
        }
    }

    private static void WriteRefused(IReadOnlyList<(string Name, RefusedPicture Refused)> pictures, TextWriter error)
    {
        foreach (var (name, refused) in pictures.Take(RefusedShown))
        {
            error.WriteLine($"{name}: {refused.Reason}, {refused.Message}");
        }

        if (pictures.Count > 0)
        {
            error.WriteLine($"{pictures.Count} pictures cannot be used and were left out");
        }
    }

    private static TrainRequest Request(TrainSettings settings) => Checked(() => Parse(settings), request =>
    {
        _ = request.Heads.Select(h => h.Validated()).ToList();
        request.Full?.Check();
    });

    private static T Checked<T>(Func<T> parse, Action<T> check)
    {
        try
        {
            var result = parse();
            check(result);
            return result;
        }
        catch (Exception e) when (e is ValidationException or ArgumentException)
        {
            throw new UsageException(e.Message);
        }
    }

    private static TrainRequest Parse(TrainSettings settings)
    {
        var head = Head(settings);
        var isFull = settings.Depth == "full";
        return new TrainRequest
        {
            Images = settings.Images,
            Backbone = settings.Backbone,
            Out = settings.Out,
            CheckpointFolder = settings.Checkpoint ?? Path.Combine(settings.Out, CheckpointFolder),
            Heads = head.Loss is not null && settings.HeadRate is null && settings.CentreRate is null
                ? [head, head.ForFewClasses()]
                : [head],
            Full = isFull ? Full(settings, head) : null,
            Target = settings.Precision is { } precision ? CalibrationTarget.AtLeast(precision) : CalibrationTarget.MaxF1,
            CatalogueSize = settings.Catalogue,
        };
    }

    private static HeadOptions Head(TrainSettings settings)
    {
        var name = OneOf("--loss", settings.Loss ?? LossChoice.Cpf, [.. LossChoice.Names, "none"]);
        var preset = OneOf("--preset", settings.Preset ?? "shopee", [.. CpfParameters.Presets.Keys]);
        var defaults = new HeadOptions();
        return new HeadOptions
        {
            Loss = name == "none" ? null : new LossChoice(name) { CpfParameters = CpfParameters.Presets[preset] },
            Seed = settings.Seed ?? defaults.Seed,
            Epochs = settings.Epochs ?? defaults.Epochs,
            EmbeddingDim = settings.Dim ?? defaults.EmbeddingDim,
            ClassesPerBatch = settings.ClassesPerBatch ?? defaults.ClassesPerBatch,
            PicturesPerClass = settings.PicturesPerClass ?? defaults.PicturesPerClass,
            HeadRate = settings.HeadRate ?? defaults.HeadRate,
            CentreRate = settings.CentreRate ?? defaults.CentreRate,
        };
    }

    private static FullTrainingOptions Full(TrainSettings settings, HeadOptions head)
    {
        var defaults = new FullTrainingOptions();
        var isFromScratch = settings.FromScratch;
        if (settings.PicturesPerClass < 2)
        {
            throw new UsageException($"--pictures-per-class is \"{settings.PicturesPerClass}\"; depth full needs 2 or more");
        }

        return new FullTrainingOptions
        {
            Loss = head.Loss ?? throw new UsageException("--depth full needs a loss"),
            Seed = head.Seed,
            Epochs = settings.Epochs ?? defaults.Epochs,
            EmbeddingDim = head.EmbeddingDim,
            ClassesPerBatch = settings.ClassesPerBatch ?? defaults.ClassesPerBatch,
            PicturesPerClass = settings.PicturesPerClass ?? defaults.PicturesPerClass,
            BackboneRate = settings.BackboneRate ?? (isFromScratch ? 3e-3 : defaults.BackboneRate),
            CentreRate = settings.CentreRate ?? defaults.CentreRate,
            BatchNorm = isFromScratch ? BatchNormMode.Training : BatchNormMode.Frozen,
        };
    }
    private static string OneOf(string option, string word, IReadOnlyCollection<string> known) => known.Contains(word)
        ? word
        : throw new UsageException($"{option} is \"{word}\", not one of {string.Join(", ", known)}{ClosestWord.Hint(word, known)}");
}
