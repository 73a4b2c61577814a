using System.ComponentModel.DataAnnotations;
using System.Globalization;
using CpfPipeline.Learning.Autograd;
using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.Checkpoints;
using CpfPipeline.Learning.Features;
using CpfPipeline.Learning.FullDepth;
using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Learning.Losses;
using CpfPipeline.Learning.ModelFolders;
using CpfPipeline.Learning.Torch;
using CpfPipeline.Learning.Training;

namespace CpfPipeline.Trainer.Offline;

/// <summary><c>train</c>: labelled pictures and a backbone to a model folder.</summary>
internal static class TrainCommand
{
    public static readonly string[] Options =
    [
        "images", "backbone", "depth", "out", "loss", "preset", "seed", "epochs", "dim", "head-rate", "centre-rate", "classes-per-batch", "pictures-per-class",
        "precision", "catalogue", "checkpoint", "backbone-rate",
    ];

    public static readonly string[] Flags = ["json", "from-scratch", "unlabelled"];

    private const int RefusedShown = 5;

    /// <summary>Within the model folder, unless told otherwise; gone after success.</summary>
    private const string CheckpointFolder = ".training";

    public static int Run(Arguments arguments, TextWriter output, TextWriter error, TimeProvider time, CancellationToken cancellationToken)
    {
        TrainOptionUse.Check(arguments);
        if (arguments.Has("unlabelled"))
        {
            return Unlabelled(arguments, output, error, time, cancellationToken);
        }

        var request = Request(arguments);
        using var line = new ProgressLine(error, time);
        TorchMemory.KeepFreed();
        if (OrKept(
            () => new ModelTraining(time, line.Report, error.WriteLine).Run(request, cancellationToken), request.CheckpointFolder!, line, error, cancellationToken) is not { } model)
        {
            return 3;
        }

        line.Report("writing the report", 0);
        var json = ModelReport.Json(model);
        ModelFolder.Write(
            request.Out, model.Backbone.Bytes, model.Best.File.Bytes, ModelReport.Text(json), ModelReport.Html(model, time, cancellationToken));
        CheckpointFile.Remove(request.CheckpointFolder!, HeadCheckpoint.FileName);
        CheckpointFile.Remove(request.CheckpointFolder!, FullCheckpoint.FileName);
        line.Dispose();
        WriteRefused(model.Refused, error);

        if (!model.Best.Fitted.Calibration.Reached)
        {
            error.WriteLine("no threshold reaches the wanted precision with confidence; the nearest was taken");
        }

        if (arguments.Has("json"))
        {
            output.WriteLine(ModelReport.Text(json));
        }
        else
        {
            foreach (var candidate in model.Candidates)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{candidate.Fitted.Name,-13} validation F1 {candidate.Fitted.ValidationF1:0.000}   {LabelledSetReader.Word(model.Split)} F1 {candidate.Result.Figures.F1:0.000} (best possible {candidate.Result.Figures.BestF1:0.000}), R@1 {candidate.Result.Figures.RecallAt1:0.000}"));
            }

            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{request.Out}: {model.Best.Fitted.Name} head, threshold {model.Best.Fitted.Calibration.Threshold:0.0000}, {model.Duration.TotalSeconds:0} s; look at {Path.Combine(request.Out, ModelFolder.PageName)}"));
        }

        return model.Refused.Count == 0 ? 0 : 1;
    }

    private static int Unlabelled(Arguments arguments, TextWriter output, TextWriter error, TimeProvider time, CancellationToken cancellationToken)
    {
        var (folder, backbone, target) = (arguments.Required("images"), arguments.Required("backbone"), arguments.Required("out"));
        var checkpoint = arguments.Optional("checkpoint") ?? Path.Combine(target, CheckpointFolder);
        var options = Checked(() => Full(arguments, Head(arguments)), o => o.Check());
        using var line = new ProgressLine(error, time);
        TorchMemory.KeepFreed();
        if (OrKept(
            () => Tuple.Create(new UnlabelledTraining(time, line.Report, error.WriteLine).Run(folder, backbone, options, target, checkpoint, cancellationToken)),
            checkpoint, line, error, cancellationToken) is not { } trained)
        {
            return 3;
        }

        var (json, refused) = trained.Item1;
        CheckpointFile.Remove(checkpoint, FullCheckpoint.FileName);
        line.Dispose();
        WriteRefused(refused, error);
        output.WriteLine(arguments.Has("json")
            ? ModelReport.Text(json)
            : $"{target}: edited copies of pictures that did not train: F1 {json["f1"]}, precision {json["precision"]}, recall {json["recall"]}; look at {Path.Combine(target, ModelFolder.PageName)}");
        return refused.Count == 0 ? 0 : 1;
    }

    /// <returns>Null when it was interrupted.</returns>
    private static T? OrKept<T>(Func<T> train, string checkpointFolder, ProgressLine line, TextWriter error, CancellationToken cancellationToken)
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

    private static TrainRequest Request(Arguments arguments) => Checked(() => Parse(arguments), request =>
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

    private static TrainRequest Parse(Arguments arguments)
    {
        var head = Head(arguments);
        var isFull = arguments.Word("depth", "head", "head", "full") == "full";
        return new TrainRequest
        {
            Images = arguments.AtLeastOne("images"),
            Backbone = arguments.Required("backbone"),
            Out = arguments.Required("out"),
            CheckpointFolder = arguments.Optional("checkpoint") ?? Path.Combine(arguments.Required("out"), CheckpointFolder),
            Heads = head.Loss is not null && arguments.Optional("head-rate") is null && arguments.Optional("centre-rate") is null ? [head, head.ForFewClasses()] : [head],
            Full = isFull ? Full(arguments, head) : null,
            Target = arguments.Optional("precision") is null ? CalibrationTarget.MaxF1 : CalibrationTarget.AtLeast(arguments.Real("precision", .99, .01, .9999)),
            CatalogueSize = arguments.Optional("catalogue") is null ? null : arguments.Number("catalogue", 0, 2),
        };
    }

    private static HeadOptions Head(Arguments arguments)
    {
        var name = arguments.Word("loss", LossChoice.Cpf, [.. LossChoice.Names, "none"]);
        var preset = arguments.Word("preset", "shopee", [.. CpfParameters.Presets.Keys]);
        var defaults = new HeadOptions();
        return new HeadOptions
        {
            Loss = name == "none" ? null : new LossChoice(name) { CpfParameters = CpfParameters.Presets[preset] },
            Seed = arguments.Number("seed", defaults.Seed, 0),
            Epochs = arguments.Number("epochs", defaults.Epochs, 1),
            EmbeddingDim = arguments.Number("dim", defaults.EmbeddingDim, 2),
            ClassesPerBatch = arguments.Number("classes-per-batch", defaults.ClassesPerBatch, 2),
            PicturesPerClass = arguments.Number("pictures-per-class", defaults.PicturesPerClass, 1),
            HeadRate = arguments.Real("head-rate", defaults.HeadRate, 0, 10),
            CentreRate = arguments.Real("centre-rate", defaults.CentreRate, 0, 10),
        };
    }

    private static FullTrainingOptions Full(Arguments arguments, HeadOptions head)
    {
        var defaults = new FullTrainingOptions();
        var isFromScratch = arguments.Has("from-scratch");
        return new FullTrainingOptions
        {
            Loss = head.Loss ?? throw new UsageException("--depth full needs a loss"),
            Seed = head.Seed,
            Epochs = arguments.Number("epochs", defaults.Epochs, 1),
            EmbeddingDim = head.EmbeddingDim,
            ClassesPerBatch = arguments.Number("classes-per-batch", defaults.ClassesPerBatch, 2),
            PicturesPerClass = arguments.Number("pictures-per-class", defaults.PicturesPerClass, 2),
            BackboneRate = arguments.Real("backbone-rate", isFromScratch ? 3e-3 : defaults.BackboneRate, 0, 1),
            CentreRate = arguments.Real("centre-rate", defaults.CentreRate, 0, 1),
            BatchNorm = isFromScratch ? BatchNormMode.Training : BatchNormMode.Frozen,
        };
    }
}
