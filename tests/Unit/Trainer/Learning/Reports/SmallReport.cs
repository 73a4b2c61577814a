using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Reports.Data;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Reports;

/// <summary>A report with something in every part, all of its words made from one.</summary>
internal static class SmallReport
{
    public static EvaluationFigures Figures { get; } = new()
    {
        Images = 12, Classes = 3, Distractors = 5, Threshold = 0.6, RecallAt1 = 0.9, MapAtR = 0.7, Precision = 0.8, Recall = 0.5, F1 = 0.615, BestF1 = 0.65,
        BestThreshold = 0.55, BcubedF1 = 0.7, Opis = 0.004, F1Interval = [0.58, 0.66], F1PlateauWidth = 0.08, PairsPerImage = 1.5, LargestComponent = 4,
    };

    public static EvaluationFigures NoFigures { get; } = Figures with
    {
        Images = 0, Classes = 0, Distractors = 0, Threshold = double.NaN, RecallAt1 = double.NaN, MapAtR = double.NaN, Precision = double.NaN, Recall = double.NaN,
        F1 = double.NaN, BestF1 = double.NaN, BestThreshold = double.PositiveInfinity, BcubedF1 = double.NaN, Opis = double.NaN, F1Interval = [],
        F1PlateauWidth = double.NaN, PairsPerImage = double.NaN, LargestComponent = 0,
    };

    public static ReportData Empty { get; } = new()
    {
        Title = "nothing", Facts = [], Figures = NoFigures, Histogram = new(0, 0.1, [], []), PrecisionRecall = [], Classes = [], OperatingPoints = new([], [], [], []),
    };

    public static ReportData Of(string word, string? path = null) => new()
    {
        Title = word,
        Facts = [new(word, word)],
        Figures = Figures,
        Baselines = [new(word, Figures with { F1 = 0.4 })],
        Histogram = new(-0.2, 0.1, [0, 0, 0, 1, 4, 7, 3], [90, 800, 5_000_000, 700, 12, 1, 0]),
        PrecisionRecall = [new(0.9, 1, 0.1), new(0.6, 0.8, 0.5), new(0.5, double.NaN, 0.6), new(0.1, 0.1, 1)],
        Classes = [new(word, 4, 0.5, 0.4, 0.44, 0.5), new(word, 4, double.NaN, 0, 0, 0.7), new(word, 4, 1, 1, 1, double.NaN)],
        OperatingPoints = new([0.3, 0.4, 0.5], [[0.9, 0.8, 0.7], [0.9, double.NaN, 0.4]], [word, word], [0.9, 0.8, 0.6]),
        Training = [new(0, 1, null), new(10, 0.5, 0.3), new(20, double.NaN, 0.4), new(30, 0.4, double.NaN)],
        FalseMatches = [new(0.9, path ?? "/nowhere", word, path ?? "/nowhere", word)],
        Misses = [new(0.1, path ?? "/nowhere", word, path ?? "/nowhere", word)],
    };
}
