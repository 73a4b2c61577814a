using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.FullDepth;
using CpfPipeline.Learning.Reports;
using CpfPipeline.Learning.Reports.Data;
using CpfPipeline.Vision.Decode;

namespace CpfPipeline.Learning.DefaultModels;

/// <summary><c>report.json</c> and <c>report.html</c> of the bundled model: test classes among all other pictures, and edited copies.</summary>
public static class BundledReport
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static string Json(IReadOnlyList<BundledCandidate> candidates, FullTrainingResult training, FullTrainingOptions options)
    {
        var best = candidates[0];
        var json = FiguresJson.Of(best.Test.Figures);
        json["split"] = "test";
        json["best_f1_without_distractors"] = best.BestAloneF1;
        json["head"] = best.Name;
        json["copies"] = Of(best.Copies);
        json["calibration"] = new JsonObject
        {
            ["on"] = "validation classes with edited copies of every seventh picture, at the number of pictures of the demonstration",
            ["copies_f1"] = best.Calibrated.CopiesF1,
            ["keys_f1"] = best.Calibrated.KeysF1,
        };
        json["other_heads"] = new JsonArray(
        [
            .. candidates.Skip(1).Select(c => new JsonObject
            {
                ["head"] = c.Name, ["validation_keys_f1"] = c.Calibrated.KeysF1, ["threshold"] = c.Calibrated.Threshold, ["f1"] = c.Test.Figures.F1, ["copies"] = Of(c.Copies),
            }),
        ]);
        json["training"] = new JsonObject([.. Facts(training, options).Select(f => KeyValuePair.Create(f.Name.Replace(' ', '_'), (JsonNode?)f.Value))]);
        json["history"] = JsonSerializer.SerializeToNode(training.History, JsonSerializerOptions.Web);
        return json.ToJsonString(Indented);
    }

    public static string Html(
        IReadOnlyList<BundledCandidate> candidates,
        FullTrainingResult training,
        FullTrainingOptions options,
        IReadOnlyList<BundledPicture> pictures,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var (best, writer) = (candidates[0], new StringWriter(CultureInfo.InvariantCulture));
        var data = new ReportData
        {
            Title = "The bundled model on classes it has never seen",
            Facts =
            [
                new ReportFact("head", best.Name),
                new ReportFact("edited copies, precision", Text(best.Copies.Precision)),
                new ReportFact("edited copies, recall", Text(best.Copies.Recall)),
                new ReportFact("edited copies, F1", Text(best.Copies.F1)),
                new ReportFact("test pictures by themselves, best F1", Text(best.BestAloneF1)),
                .. Facts(training, options),
            ],
            Figures = best.Test.Figures,
            Baselines = [.. candidates.Skip(1).Select(c => new NamedFigures(c.Name, c.Test.Figures))],
            Histogram = best.Test.Histogram,
            PrecisionRecall = best.Test.PrecisionRecall,
            Classes = best.Test.Classes,
            OperatingPoints = best.Test.OperatingPoints,
            Training = training.History,
            FalseMatches = Show(best.Test.FalseMatches, pictures),
            Misses = Show(best.Test.Misses, pictures),
        };
        ReportPage.Write(data, writer, new ImageLimits(), time, cancellationToken);
        return writer.ToString();
    }

    private static JsonObject Of(CopyCalibration copies) => new()
    {
        ["precision"] = copies.Precision,
        ["recall"] = copies.Recall,
        ["f1"] = copies.F1,
        ["pictures"] = copies.Pictures,
        ["copies"] = copies.Copies,
        ["gallery"] = copies.Gallery,
    };

    private static IReadOnlyList<PicturePair> Show(IEnumerable<ScoredPair> pairs, IReadOnlyList<BundledPicture> pictures) =>
    [
        .. pairs.Select(p =>
        {
            var (a, b) = (pictures[(int)p.ContentA], pictures[(int)p.ContentB]);
            return new PicturePair(p.Similarity, a.Path, a.Label, b.Path, b.Label);
        }),
    ];

    private static IReadOnlyList<ReportFact> Facts(FullTrainingResult training, FullTrainingOptions options) =>
    [
        new("loss", options.Loss.Name),
        new("seed", options.Seed.ToString(CultureInfo.InvariantCulture)),
        new("epochs", options.Epochs.ToString(CultureInfo.InvariantCulture)),
        new("batch", string.Create(CultureInfo.InvariantCulture, $"{options.ClassesPerBatch} classes x {options.PicturesPerClass}, {options.CopyShare:0.##} of them copies of one picture")),
        new("rates", string.Create(CultureInfo.InvariantCulture, $"backbone {options.BackboneRate}, projection {options.ProjectionRate}, centres {options.CentreRate}")),
        new("best step", training.BestStep.ToString(CultureInfo.InvariantCulture)),
        new("validation F1 while training", Text(training.BestValidationF1)),
        new("data hash", training.DataHash),
        new("device", training.Device),
        new("version", typeof(BundledReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown"),
    ];

    private static string Text(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
