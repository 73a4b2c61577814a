using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Learning.Losses;
using CpfPipeline.Learning.Torch;
using CpfPipeline.Tests.Benchmarks.Models;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Tests.Benchmarks.Losses;

/// <summary>
/// CPF and its rivals as heads on MobileNetV2 features, on one set or on several under one threshold: same start, same number of settings
/// tried on validation with seed 1, then three seeds with the chosen one, measured on test classes.
/// </summary>
/// <param name="name">As on the command line.</param>
/// <param name="sets">Folders of shared/data that are trained and calibrated together.</param>
internal sealed class LossBench(string name, params string[] sets) : IPipelineBench
{
    public const string Prefix = "losses-";

    private const int Seeds = 3;

    public static IReadOnlyList<LossBench> All { get; } =
        [new("losses-emoji", "emoji"), new("losses-cub", "cub"), new("losses-grocery", "grocery"),
            new("losses-together", "emoji", "cub", "grocery")];

    public string Name => name;

    public string Summary => $"CPF, normalised softmax, ArcFace, Multi-Similarity and Proxy-Anchor on "
        + $"{string.Join(" + ", sets)} under one threshold (some 15 minutes)";

    public bool OnlyWhenNamed => true;

    public Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken) =>
        Task.Run(() => Run(context, cancellationToken), cancellationToken);

    private BenchReport Run(BenchContext context, CancellationToken cancellationToken)
    {
        TorchMemory.KeepFreed();
        var model = BenchModel.Of(context.Shared("models/mobilenetv2_imagenet_features.onnx"));
        using var session = new BackboneSession(model.Backbone, new SessionSettings());
        var (figures, chosen) = (new List<Figure>(), new List<string>());
        var files = sets.Select(s => context.Shared($"data/{s}/labels.csv")).ToList();
        using var data = LossData.Of(files, files, session, features: null, cancellationToken);
        context.Say("features are there");
        var baselines = new FitBaselines(data.Fit, CalibrationTarget.MaxF1);
        foreach (var loss in LossChoice.Names)
        {
            var setting = LossSetting.Tune(data, loss, cancellationToken);
            context.Say(setting.ToString());
            chosen.Add(setting.ToString());
            var runs = Enumerable.Range(1, Seeds)
                .Select(seed => setting.Fit(data.Fit, baselines, seed, cancellationToken)).ToList();
            Add(figures, data, loss, [.. runs.Select(r => r.Candidates.Single(c => c.Name == CandidateName.Trained))], cancellationToken);
            if (loss == LossChoice.Cpf)
            {
                foreach (var baseline in new[] { CandidateName.Frozen, CandidateName.Pca, CandidateName.Discriminant })
                {
                    Add(figures, data, baseline, [runs[0].Candidates.Single(c => c.Name == baseline)], cancellationToken);
                }
            }
        }

        return new BenchReport(
            $"Test classes of {string.Join(", ", sets)} (shared/data), MobileNetV2 features (1,280), heads of 256 values, one threshold; "
                + "three seeds, baselines have none",
            figures,
            [
                $"{LossSetting.HowTuned} Chosen: {string.Join("; ", chosen)}.",
                "Every loss starts from the same discriminant head and from class centres at the means of the start's embeddings. The "
                    + "threshold comes from four cross-fitted folds of train classes; test classes decide nothing.",
                "F1: pairwise at the calibrated threshold over all unordered pairs. of best: that F1 over the best any threshold would "
                    + "give on the same test classes. OPIS: variance over classes, see EvaluationFigures; lower is better.",
            ]);
    }

    private static void Add(
        List<Figure> figures, LossData data, string name, IReadOnlyList<FittedHead> heads, CancellationToken cancellationToken)
    {
        var measured = heads.Select(h => data.Measure(h, cancellationToken)).ToList();
        for (var set = 0; set < data.SetNames.Count; set++)
        {
            var figuresOfSet = measured.Select(m => m[set]).ToList();
            var prefix = data.SetNames.Count == 1 ? name : $"{name}, {data.SetNames[set]}";
            figures.Add(Figure.Of($"{prefix}: F1", [.. figuresOfSet.Select(f => f.F1)], ""));
            figures.Add(Figure.Of($"{prefix}: F1 of best", [.. figuresOfSet.Select(f => f.F1 / f.BestF1)], ""));
            figures.Add(Figure.Of($"{prefix}: Recall@1", [.. figuresOfSet.Select(f => f.RecallAt1)], ""));
            figures.Add(Figure.Of($"{prefix}: OPIS", [.. figuresOfSet.Select(f => f.Opis)], ""));
        }
    }
}
