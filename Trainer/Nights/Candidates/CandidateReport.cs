using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Reports;
using CpfPipeline.Learning.Reports.Data;
using CpfPipeline.Learning.Training;
using CpfPipeline.Nights.Drift;
using CpfPipeline.Nights.Gate;
using CpfPipeline.Nights.TrainingSets;

namespace CpfPipeline.Nights.Candidates;

/// <summary>What is kept of a candidate, passed or refused: <c>report</c> of its model and of its run, and the page.</summary>
internal sealed record CandidateReport
{
    public required CandidateRequest Request { get; init; }

    public required TrainingSetFacts Facts { get; init; }

    public required FittedCandidate Fitted { get; init; }

    public required CandidateMeasurement Measured { get; init; }

    public required IReadOnlyList<UnlikePictures> Unlike { get; init; }

    public required GateDecision Gate { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>
    /// The candidate's figures on the test classes at the top level (see <see cref="FiguresJson"/>), then what <c>report.json</c> of a
    /// trained model has, and <c>active</c>, <c>difference</c>, <c>unlike</c>, <c>gate</c>, <c>data</c>, <c>snapshot_id</c>,
    /// <c>similarity_histogram</c>.
    /// </summary>
    public string Json()
    {
        var json = FiguresJson.Of(Measured.Candidate.Figures);
        json["split"] = "test";
        json["kind"] = Request.Kind;
        json["learned_from"] = Facts.LearnedFrom;
        json["exported"] = Fitted.Fit?.Best.Name ?? "active";
        json["seconds"] = Math.Round(Duration.TotalSeconds, 3);
        json["seed"] = Request.Seed;
        json["commit"] = ModelReport.Commit();
        json["snapshot_id"] = Facts.SnapshotId;
        json["gate"] = new JsonObject
        {
            ["passed"] = Gate.Passed,
            ["reason"] = Gate.Reason,
            ["margin"] = Request.Margin,
            ["target_precision"] = Request.TargetPrecision,
        };
        var active = FiguresJson.Of(Measured.Active.Figures);
        active["model_id"] = Request.Active.ModelId.ToString(CultureInfo.InvariantCulture);
        active["own_threshold"] = Request.Active.Threshold;
        json["active"] = active;
        json["difference"] = new JsonObject
        {
            ["f1"] = Measured.Difference.Difference,
            ["chance_f1"] = Measured.ChanceF1,
            ["interval"] = new JsonArray(Measured.Difference.Low, Measured.Difference.High),
            ["share_of_draws_below_margin"] = Measured.Difference.ShareBelow,
        };
        json["unlike"] = new JsonArray(
        [
            .. Unlike.Select(u => new JsonObject
            {
                ["of"] = u.Of, ["pictures"] = u.Count, ["share_of_pairs"] = u.Candidate, ["active_share_of_pairs"] = u.Active,
                ["max_excess"] = u.MaxExcess,
            }),
        ]);
        json["data"] = JsonNode.Parse(Facts.CountsJson);
        json["calibration"] = new JsonObject
        {
            ["on"] = "validation classes",
            ["f1"] = Fitted.Calibration.F1,
            ["precision"] = Fitted.Calibration.Precision,
            ["target_precision"] = Request.TargetPrecision,
            ["reached"] = Fitted.Calibration.Reached,
        };
        if (Fitted is { Fit: { } fit, Options: { } options })
        {
            json["candidates"] = new JsonArray(
            [
                .. fit.Candidates.Select(c => new JsonObject
                {
                    ["name"] = c.Name,
                    ["validation_f1"] = c.Calibration.F1,
                    ["validation_f1_alone"] = c.ValidationF1,
                    ["threshold"] = c.Calibration.Threshold,
                }),
            ]);
            json["training"] = new JsonObject
            {
                ["steps"] = fit.Steps,
                ["folds"] = fit.Folds,
                ["guarded"] = Fitted.IsGuarded,
                ["settings"] = JsonSerializer.SerializeToNode(options, ModelReport.SnakeCase),
                ["history"] = ModelReport.History(fit.History),
            };
        }

        json[NeighbourHistogram.JsonName] = Measured.Neighbours.ToJson();
        json["provenance"] = new JsonObject([.. ProvenanceFacts().Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.Value))]);
        return json.ToJsonString();
    }

    /// <summary>The page: neither pictures nor listings' names are in it, so that none outlives its erasure.</summary>
    public string Html(CancellationToken cancellationToken)
    {
        var result = Measured.Candidate;
        var data = new ReportData
        {
            Title = Fitted.Fit is null
                ? string.Create(CultureInfo.InvariantCulture, $"Another threshold for model {Request.Active.ModelId}")
                : string.Create(CultureInfo.InvariantCulture, $"{Fitted.Fit.Best.Name} head, to replace model {Request.Active.ModelId}"),
            Facts = ProvenanceFacts(),
            Figures = result.Figures,
            Baselines = [new NamedFigures("the active model", Measured.Active.Figures)],
            Histogram = result.Histogram,
            PrecisionRecall = result.PrecisionRecall,
            Classes = result.Classes,
            OperatingPoints = result.OperatingPoints,
            Training = Fitted.Fit?.History ?? [],
            FalseMatchIds = Ids(result.FalseMatches),
            MissIds = Ids(result.Misses),
            Gate = new GateVerdict(Gate.Passed, Gate.Reason),
        };
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        ReportPage.Write(data, writer, decoder: null, cancellationToken);
        return writer.ToString();
    }

    private static List<ContentPair> Ids(IEnumerable<ScoredPair> pairs) =>
        [.. pairs.Select(p => new ContentPair(p.Similarity, p.ContentA, p.ContentB))];

    private List<ReportFact> ProvenanceFacts()
    {
        List<ReportFact> facts =
        [
            new("kind", Request.Kind),
            new("active_model", Request.Active.ModelId.ToString(CultureInfo.InvariantCulture)),
            new("backbone_sha256", Convert.ToHexStringLower(Request.Active.BackboneSha256)),
            new("head_sha256", Convert.ToHexStringLower(Fitted.Head.Sha256.Span)),
            new("snapshot_id", Facts.SnapshotId),
            new("seed", Request.Seed.ToString(CultureInfo.InvariantCulture)),
            new("commit", ModelReport.Commit()),
        ];
        if (Fitted is { Fit: { } fit, Options: { } options })
        {
            facts.AddRange([
                new("depth", "head"),
                new("loss", options.Loss?.Name ?? "none"),
                new("steps", fit.Steps.ToString(CultureInfo.InvariantCulture)),
                new("device", Fitted.Device ?? ""),
            ]);
        }

        return facts;
    }
}
