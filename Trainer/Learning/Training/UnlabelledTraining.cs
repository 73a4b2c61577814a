using System.Globalization;
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
/// Training without product keys: every picture is a class of its own and edited copies of it are the positives. At depth full the backbone
/// learns from augmented copies first. Pictures whose bytes hash below 51 (first byte of SHA-256) do not train: the threshold is chosen and
/// reported on their copies.
/// </summary>
/// <param name="decoder">Decodes the pictures.</param>
/// <param name="time">Clock.</param>
/// <param name="progress">Receives what is being done and the share of it, 0 to 1.</param>
/// <param name="notice">Receives lines that a person should see.</param>
public sealed class UnlabelledTraining(
    IPictureDecoder decoder, TimeProvider time, Action<string, double> progress, Action<string> notice)
{
    /// <summary>The head and the threshold are made of so many pictures at most.</summary>
    private const int MaxPictures = 3_000;

    /// <summary>Trains and writes a model folder; returns its report, and the pictures that cannot be used.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="cancellationToken">Stops within a step or two.</param>
    /// <exception cref="TooLittleDataException">Too few pictures.</exception>
    public (JsonObject Report, IReadOnlyList<(string Name, RefusedPicture Refused)> Refused) Run(
        UnlabelledRequest request, CancellationToken cancellationToken)
    {
        notice($"training on {TorchDevice.Choose().Reason}");
        var start = BackboneFile.Load(request.Backbone);
        var (pictures, refused) = Read(request.Images, start.Spec.Input, cancellationToken);
        var validates = pictures.Pictures.Select(p => ClassSplit.Calibrates(File.ReadAllBytes(p.Path))).ToArray();
        var validating = validates.Count(v => v);
        if (validating < FirstModelFit.MinToCalibrate)
        {
            throw new TooLittleDataException(
                $"of {validates.Length} usable pictures {validating} do not train and can choose the threshold, at least "
                    + $"{FirstModelFit.MinToCalibrate} are needed: about a fifth is chosen, so add pictures");
        }

        var trained = request.Full is { } full ? TrainBackbone(request, full, start, pictures, validates, cancellationToken) : null;
        progress("fitting the head", 0);
        var file = trained is null ? start : BackboneFile.Load(trained.Backbone, "the trained backbone");
        var model = new FirstModelFit(decoder).Fit(file, pictures, request.Head with
        {
            FitsHead = true, MaxPictures = MaxPictures,
        }, new FitProgress(progress), cancellationToken, openCache: request.OpenCache);
        var (result, paths) = Measure(model, pictures, validates, request, cancellationToken);
        var json = FiguresJson.Of(result.Figures);
        json["split"] = "copies";
        json["exported"] = "copies";
        json["refused"] = refused.Count;
        json["candidates"] = new JsonArray();
        json["calibration"] = JsonNode.Parse(model.ReportJson);
        json["provenance"] = Provenance(request, file, trained, pictures.Pictures.Count);
        ModelFolder.Write(
            request.Out, file.Bytes, model.Head.Bytes, ModelReport.Text(json), Page(result, json, trained, paths, cancellationToken));
        return (json, refused);
    }

    private FullTrainingResult TrainBackbone(
        UnlabelledRequest request, FullTrainingOptions options, BackboneFile start, PictureFolder pictures, bool[] validates,
        CancellationToken cancellationToken)
    {
        List<TrainingPicture> Of(bool validation) =>
        [
            .. pictures.Pictures.Where((_, i) => validates[i] == validation).Select((p, i) => new TrainingPicture(p.Path, i)),
        ];
        return FullTraining.Run(
            start, request.Backbone, Of(validation: false), Of(validation: true), options with { CopiesAsPositives = true },
            request.CheckpointFolder, new StepsProgress(progress), decoder, time, cancellationToken, notice);
    }

    private static JsonObject Provenance(UnlabelledRequest request, BackboneFile file, FullTrainingResult? trained, int pictures)
    {
        var facts = new JsonObject
        {
            ["depth"] = trained is null ? "head" : "full", ["seed"] = Text(request.Head.Seed), ["backbone"] = file.Spec.Provenance,
        };
        if (trained is not null)
        {
            facts["loss"] = request.Full!.Loss.Name;
            facts["data_sha256"] = trained.DataHash;
            facts["device"] = trained.Device;
        }

        facts["pictures"] = Text(pictures);
        facts["commit"] = ModelReport.Commit();
        return facts;
    }

    // All pictures are decoded once here; those that cannot be take no further part.
    private (PictureFolder Usable, IReadOnlyList<(string Name, RefusedPicture Refused)> Refused) Read(
        string folder, InputSpec input, CancellationToken cancellationToken)
    {
        progress("reading pictures", 0);
        var all = PictureFolder.ReadUnlabelled(folder);
        var refused = DecodedPictures.Open(
            [.. all.Pictures.Select(p => (Func<byte[]>)(() => File.ReadAllBytes(p.Path)))], input, margin: 1, maxBytes: 0, decoder,
            cancellationToken).Refused;
        var gone = refused.Select(r => r.Picture).ToHashSet();
        return (all.Where((_, i) => !gone.Contains(i)), [.. refused.Select(r => (all.Pictures[r.Picture].Name, r))]);
    }

    // Each picture that did not train with its edited copies is a class; all the others are the gallery.
    private (EvaluationResult Result, List<string> Paths) Measure(
        FirstModelFiles model, PictureFolder pictures, bool[] validates, UnlabelledRequest request, CancellationToken cancellationToken)
    {
        using var session = new BackboneSession(model.Backbone, new SessionSettings());
        using var head = new HeadSession(model.Head, new SessionSettings());
        using var cache = request.OpenCache?.Invoke(session);
        var families = new FeatureExtractor(session, decoder, cache).Extract(
            [.. pictures.Pictures.Select(p => p.Path)], [.. validates.Select(v => v ? request.Head.CopiesEach : 0)], request.Head.Edits,
            request.Head.Seed, null, cancellationToken);
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
            ModelEvaluation.Measure(
                EvaluationSet.Of(matrix, classes), model.Threshold, labels, request.Head.Seed, cancellationToken: cancellationToken),
            paths);
    }

    private string Page(
        EvaluationResult result, JsonObject json, FullTrainingResult? trained, List<string> paths, CancellationToken cancellationToken)
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
                Training = trained?.History ?? [],
                FalseMatches = [.. result.FalseMatches.Select(Show)],
                Misses = [.. result.Misses.Select(Show)],
            },
            writer, decoder, cancellationToken);
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
