using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Features;
using CpfPipeline.Learning.FirstModels;
using CpfPipeline.Learning.FullDepth;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Learning.ModelFolders;
using CpfPipeline.Learning.Optimisation;
using CpfPipeline.Learning.Reports;
using CpfPipeline.Learning.Reports.Data;
using CpfPipeline.Learning.Torch;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Learning.Training;

/// <summary>
/// Training without product keys: every picture is a class of its own, augmented copies of it are the positives of the backbone; then the
/// head and the threshold come from edited copies. Pictures whose bytes hash below 51 (first byte of SHA-256) do not train: the threshold
/// is chosen and reported on their copies.
/// </summary>
/// <param name="time">Clock.</param>
/// <param name="progress">Receives what is being done and the share of it, 0 to 1.</param>
/// <param name="notice">Receives lines that a person should see.</param>
public sealed class UnlabelledTraining(TimeProvider time, Action<string, double> progress, Action<string> notice)
{
    private const int FirstTrained = 51;
    private const int CopiesEach = 3;

    /// <summary>The head and the threshold are made of so many pictures at most.</summary>
    private const int MaxPictures = 3_000;

    /// <summary>Trains and writes a model folder; returns its report, and the pictures that cannot be used.</summary>
    /// <param name="folder">Pictures, whatever labels lie there.</param>
    /// <param name="backbone">Path of the backbone to begin with.</param>
    /// <param name="options">Of the backbone's training.</param>
    /// <param name="target">The model folder.</param>
    /// <param name="checkpointFolder">Where the training is kept from time to time, and resumed from.</param>
    /// <param name="cancellationToken">Stops within a step or two.</param>
    /// <exception cref="TooLittleDataException">Too few pictures.</exception>
    public (JsonObject Report, IReadOnlyList<(string Name, RefusedPicture Refused)> Refused) Run(
        string folder, string backbone, FullTrainingOptions options, string target, string checkpointFolder,
        CancellationToken cancellationToken)
    {
        notice($"training on {TorchDevice.Choose().Reason}");
        var start = BackboneFile.Load(backbone);
        var (pictures, refused) = Read(folder, start.Spec.Input, cancellationToken);
        var validates = pictures.Pictures.Select(p => SHA256.HashData(File.ReadAllBytes(p.Path))[0] < FirstTrained).ToArray();
        List<TrainingPicture> Of(bool validation) =>
        [
            .. pictures.Pictures.Where((_, i) => validates[i] == validation).Select((p, i) => new TrainingPicture(p.Path, i)),
        ];
        var validating = validates.Count(v => v);
        if (validating < FirstModelFit.MinToCalibrate)
        {
            throw new TooLittleDataException(
                $"of {validates.Length} usable pictures {validating} do not train and can choose the threshold, at least "
                    + $"{FirstModelFit.MinToCalibrate} are needed: about a fifth is chosen, so add pictures");
        }

        var trained = FullTraining.Run(
            start, backbone, Of(validation: false), Of(validation: true), options with { CopiesAsPositives = true }, checkpointFolder,
            new StepsProgress(progress), time, cancellationToken, notice);
        progress("fitting the head", 0);
        var file = BackboneFile.Load(trained.Backbone, "the trained backbone");
        var model = new FirstModelFit(time).Fit(
            file, pictures, new FirstModelOptions { FitsHead = true, MaxPictures = MaxPictures, Seed = options.Seed },
            new FitProgress(progress), cancellationToken);
        var (result, paths) = Measure(model, pictures, validates, options.Seed, cancellationToken);
        var json = FiguresJson.Of(result.Figures);
        json["split"] = "copies";
        json["exported"] = "copies";
        json["refused"] = refused.Count;
        json["candidates"] = new JsonArray();
        json["calibration"] = JsonNode.Parse(model.ReportJson);
        json["provenance"] = new JsonObject
        {
            ["depth"] = "full", ["loss"] = options.Loss.Name, ["seed"] = Text(options.Seed), ["backbone"] = file.Spec.Provenance,
            ["data_sha256"] = trained.DataHash,
            ["device"] = trained.Device, ["pictures"] = Text(pictures.Pictures.Count), ["commit"] = ModelReport.Commit(),
        };
        ModelFolder.Write(
            target, trained.Backbone, model.Head.Bytes, ModelReport.Text(json), Page(result, json, trained, paths, cancellationToken));
        return (json, refused);
    }

    // All pictures are decoded once here; those that cannot be take no further part.
    private (PictureFolder Usable, IReadOnlyList<(string Name, RefusedPicture Refused)> Refused) Read(
        string folder, InputSpec input, CancellationToken cancellationToken)
    {
        progress("reading pictures", 0);
        var all = PictureFolder.ReadUnlabelled(folder);
        var refused = DecodedPictures.Open(
            [.. all.Pictures.Select(p => (Func<byte[]>)(() => File.ReadAllBytes(p.Path)))], input, margin: 1, maxBytes: 0, time,
            cancellationToken).Refused;
        var gone = refused.Select(r => r.Picture).ToHashSet();
        return (all.Where((_, i) => !gone.Contains(i)), [.. refused.Select(r => (all.Pictures[r.Picture].Name, r))]);
    }

    // Each picture that did not train with its edited copies is a class; all the others are the gallery.
    private (EvaluationResult Result, List<string> Paths) Measure(
        FirstModelFiles model, PictureFolder pictures, bool[] validates, int seed, CancellationToken cancellationToken)
    {
        using var session = new BackboneSession(model.Backbone, new SessionSettings());
        using var head = new HeadSession(model.Head, new SessionSettings());
        var families = new FeatureExtractor(session, time)
            .Extract(
                [.. pictures.Pictures.Select(p => p.Path)], [.. validates.Select(v => v ? CopiesEach : 0)], seed, null, cancellationToken);
        var (f, d) = (head.Spec.FeatureDim, head.Spec.EmbeddingDim);
        var (matrix, classes, labels, paths) = (new EmbeddingMatrix(d), new List<int>(), new List<string>(), new List<string>());
        for (var i = 0; i < families.Length; i++)
        {
            if (families[i] is not { } family)
            {
                continue;
            }

            var rows = validates[i] ? family.Copies.Prepend(family.Original).ToList() : [family.Original];
            var (embeddings, reasons) = (new Half[rows.Count * d], new string?[rows.Count]);
            head.Embed([.. rows.SelectMany(r => r.Select(v => (Half)v))], rows.Count, embeddings, reasons);
            for (var k = 0; k < rows.Count; k++)
            {
                if (reasons[k] is null)
                {
                    matrix.Add(paths.Count, embeddings.AsSpan(k * d, d));
                    classes.Add(validates[i] ? labels.Count : EvaluationSet.NoClass);
                    paths.Add(pictures.Pictures[i].Path);
                }
            }

            if (validates[i])
            {
                labels.Add(pictures.Pictures[i].Name);
            }
        }

        return (
            ModelEvaluation.Measure(EvaluationSet.Of(matrix, classes), model.Threshold, labels, seed, cancellationToken: cancellationToken),
            paths);
    }

    private string Page(
        EvaluationResult result, JsonObject json, FullTrainingResult trained, List<string> paths, CancellationToken cancellationToken)
    {
        PicturePair Show(ScoredPair pair)
        {
            var (a, b) = (paths[(int)pair.ContentA], paths[(int)pair.ContentB]);
            return new PicturePair(pair.Similarity, a, Path.GetFileName(a), b, Path.GetFileName(b));
        }

        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        ReportPage.Write(
            new ReportData
            {
                Title = "Trained without labels: edited copies of pictures that did not train",
                Facts = [.. json["provenance"]!.AsObject().Select(p => new ReportFact(p.Key, p.Value!.ToString()))],
                Figures = result.Figures,
                Histogram = result.Histogram,
                PrecisionRecall = result.PrecisionRecall,
                Classes = result.Classes,
                OperatingPoints = result.OperatingPoints,
                Training = trained.History,
                FalseMatches = [.. result.FalseMatches.Select(Show)],
                Misses = [.. result.Misses.Select(Show)],
            },
            writer, new ImageLimits(), time, cancellationToken);
        return writer.ToString();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed class FitProgress(Action<string, double> progress) : IProgress<PreparedPictures>
    {
        public void Report(PreparedPictures value) => progress("fitting the head", (double)value.Done / Math.Max(1, value.All));
    }

    private sealed class StepsProgress(Action<string, double> progress) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) =>
            progress($"backbone: {value.Stage}", value.Steps == 0 ? 0 : (double)value.Step / value.Steps);
    }
}
