using System.Text.Json.Nodes;

namespace CpfPipeline.Learning.Evaluation;

/// <summary>The wire names of <see cref="EvaluationFigures"/>, in reports and in what commands print.</summary>
public static class FiguresJson
{
    public static JsonObject Of(EvaluationFigures figures) => new()
    {
        ["images"] = figures.Images,
        ["classes"] = figures.Classes,
        ["distractors"] = figures.Distractors,
        ["threshold"] = figures.Threshold,
        ["recall_at_1"] = figures.RecallAt1,
        ["map_at_r"] = figures.MapAtR,
        ["precision"] = figures.Precision,
        ["recall"] = figures.Recall,
        ["f1"] = figures.F1,
        ["best_f1"] = figures.BestF1,
        ["best_threshold"] = figures.BestThreshold,
        ["bcubed_f1"] = figures.BcubedF1,
        ["opis"] = figures.Opis,
        ["f1_interval"] = new JsonArray([.. figures.F1Interval.Select(v => JsonValue.Create(v))]),
        ["f1_plateau_width"] = figures.F1PlateauWidth,
        ["pairs_per_image"] = figures.PairsPerImage,
        ["largest_component"] = figures.LargestComponent,
    };
}
