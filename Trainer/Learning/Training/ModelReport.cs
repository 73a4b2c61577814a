using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CpfPipeline.Labels;
using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Losses;
using CpfPipeline.Learning.Reports;
using CpfPipeline.Learning.Reports.Data;
using CpfPipeline.Vision.Decode;

namespace CpfPipeline.Learning.Training;

/// <summary><c>report.json</c> and <c>report.html</c> of a trained model.</summary>
public static class ModelReport
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static readonly JsonSerializerOptions SnakeCase = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>
    /// Figures of the exported head at the top level (see <see cref="FiguresJson"/>, <c>threshold</c> among them), then <c>split</c>,
    /// <c>exported</c>,
    /// <c>seconds</c>, <c>refused</c>, <c>candidates</c>, <c>calibration</c>, <c>training</c>, at depth full <c>backbone_training</c>, and
    /// <c>provenance</c>.
    /// </summary>
    public static JsonObject Json(TrainedModel model)
    {
        var json = FiguresJson.Of(model.Best.Result.Figures);
        json["split"] = SplitWords.Of(model.Split);
        json["exported"] = model.Best.Fitted.Name;
        json["seconds"] = Math.Round(model.Duration.TotalSeconds, 3);
        json["refused"] = model.Refused.Count;
        json["candidates"] = new JsonArray([.. model.Candidates.Select(Candidate)]);
        json["calibration"] = Calibration(model);
        json["training"] = new JsonObject
        {
            ["steps"] = model.Fit.Steps,
            ["folds"] = model.Fit.Folds,
            ["settings"] = JsonSerializer.SerializeToNode(model.Options, SnakeCase),
            ["history"] = History(model.Fit.History),
        };
        if (model.Full is { } full)
        {
            json["backbone_training"] = new JsonObject
            {
                ["settings"] = JsonSerializer.SerializeToNode(full, SnakeCase), ["history"] = History(model.FullHistory),
            };
        }

        var provenance = new JsonObject();
        foreach (var fact in Facts(model))
        {
            provenance[fact.Name] = fact.Value;
        }

        json["provenance"] = provenance;
        return json;
    }

    /// <summary>As text.</summary>
    public static string Text(JsonObject json) => json.ToJsonString(Indented);

    /// <summary>The page.</summary>
    public static string Html(TrainedModel model, IPictureDecoder decoder, CancellationToken cancellationToken)
    {
        var best = model.Best;
        var data = new ReportData
        {
            Title = string.Create(
                CultureInfo.InvariantCulture,
                $"{best.Fitted.Name} head ({model.Options.Loss?.Name ?? "none"}) on {model.BackboneName}, "
                    + $"{string.Join(", ", model.Set.Sets)}"),
            Facts = Facts(model),
            Figures = best.Result.Figures,
            Baselines = [.. model.Candidates.Where(c => c != best).Select(c => new NamedFigures(c.Fitted.Name, c.Result.Figures))],
            Histogram = best.Result.Histogram,
            PrecisionRecall = best.Result.PrecisionRecall,
            Classes = best.Result.Classes,
            OperatingPoints = best.Result.OperatingPoints,
            Training = model.Full is null ? model.Fit.History : model.FullHistory,
            FalseMatches = best.Embedded.Show(best.Result.FalseMatches),
            Misses = best.Embedded.Show(best.Result.Misses),
        };
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        ReportPage.Write(data, writer, decoder, cancellationToken);
        return writer.ToString();
    }

    private static JsonObject Candidate(MeasuredCandidate candidate)
    {
        var json = FiguresJson.Of(candidate.Result.Figures);
        json["name"] = candidate.Fitted.Name;
        json["validation_f1"] = candidate.Fitted.ValidationF1;
        return json;
    }

    public static JsonArray History(IReadOnlyList<LossPoint> points) => new([.. points.Select(h => new JsonObject
    {
        ["step"] = h.Step, ["loss"] = double.IsFinite(h.Loss) ? h.Loss : null, ["validation_f1"] = h.ValidationF1,
    })]);

    private static JsonObject Calibration(TrainedModel model)
    {
        var calibration = model.Best.Fitted.Calibration;
        return new JsonObject
        {
            ["f1"] = calibration.F1,
            ["precision"] = calibration.Precision,
            ["reached"] = calibration.Reached,
            ["sets"] = new JsonArray([.. model.Set.Sets.Select((name, i) => new JsonObject
            {
                ["name"] = name, ["f1"] = calibration.SetF1[i], ["best_f1"] = calibration.SetBestF1[i],
            })]),
        };
    }

    private static List<ReportFact> Facts(TrainedModel model) =>
    [
        new("depth", model.Full is null ? "head" : "full"),
        new("loss", model.Options.Loss?.Name ?? "none"),
        new("seed", model.Options.Seed.ToString(CultureInfo.InvariantCulture)),
        new("steps", model.Fit.Steps.ToString(CultureInfo.InvariantCulture)),
        new("backbone", model.Backbone.Spec.Provenance),
        new("backbone_sha256", Convert.ToHexStringLower(model.Backbone.Sha256.Span)),
        new("head_sha256", Convert.ToHexStringLower(model.Best.File.Sha256.Span)),
        new("data_sha256", model.DataHash),
        new("train_classes", Count(model, LabelledSplit.Train)),
        new("validation_classes", Count(model, LabelledSplit.Validation)),
        new("validation", model.Fit.Folds > 1 ? $"{model.Fit.Folds} folds: every train class takes its turn" : "the validation classes"),
        new("device", model.Device),
        new("commit", Commit()),
    ];

    private static string Count(TrainedModel model, LabelledSplit split) =>
        model.Set.ClassCount(split).ToString(CultureInfo.InvariantCulture);

    /// <summary>Version and commit this program was built from.</summary>
    public static string Commit() =>
        typeof(ModelReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
