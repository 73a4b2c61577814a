using CpfPipeline.Labels;
using CpfPipeline.Learning.DefaultModels;
using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Features;
using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Learning.Heads;
using CpfPipeline.Learning.Losses;
using CpfPipeline.Learning.Torch;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Tests.Benchmarks.Models;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Tests.Benchmarks.Losses;

/// <summary>
/// What one threshold keeps of the best F1 on sets that took no part: each of three sets is left out in turn, losses are tuned, trained and
/// calibrated on the two others, and measured on the test classes of all three.
/// </summary>
/// <param name="name">As on the command line.</param>
/// <param name="backboneWords">The backbone, for the report.</param>
/// <param name="backbone">Reads it.</param>
internal sealed class TransferBench(string name, string backboneWords, Func<BenchContext, BackboneFile> backbone) : IPipelineBench
{
    private const int Seeds = 3;
    private const int BackgroundPictures = 1_000;
    private const string Background = ", less background";

    private static readonly string[] Sets = ["emoji", "cub", "grocery"];
    private static readonly string[] Baselines = [CandidateName.Frozen, CandidateName.Pca, CandidateName.Discriminant];

    public static IReadOnlyList<TransferBench> All { get; } =
    [
        new(
            $"{LossBench.Prefix}transfer-mobilenetv2", "MobileNetV2 (1,280 values)",
            context => BenchModel.Of(context.Shared("models/mobilenetv2_imagenet_features.onnx")).Backbone),
        new(
            $"{LossBench.Prefix}transfer-default", "the default backbone, ResNet-18 (512 values)",
            _ => DefaultModel.ReadBackbone(DefaultModel.Folder)),
    ];

    public string Name => name;

    public string Summary =>
        $"one threshold on sets that took no part, five losses on features of {backboneWords} (some 15 minutes)";

    public bool OnlyWhenNamed => true;

    public Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken) =>
        Task.Run(() => Run(context, cancellationToken), cancellationToken);

    private BenchReport Run(BenchContext context, CancellationToken cancellationToken)
    {
        TorchMemory.KeepFreed();
        using var session = new BackboneSession(backbone(context), new SessionSettings());
        using var features = FeatureCache.Open(Path.Combine(context.Work, "features"), 1L << 30, session, TimeProvider.System);
        var (measured, chosen) = (new List<Measured>(), new List<string>());
        foreach (var unseen in Sets)
        {
            using var data = LossData.Of(
                [.. Sets.Where(s => s != unseen).Select(File)], [.. Sets.Select(File)], session, features, cancellationToken);
            context.Say($"without {unseen}: features are there");
            foreach (var loss in LossChoice.Names)
            {
                var setting = LossSetting.Tune(data, loss, cancellationToken);
                context.Say($"without {unseen}: {setting}");
                chosen.Add($"without {unseen}: {setting}");
                for (var seed = 1; seed <= Seeds; seed++)
                {
                    var heads = setting.Fit(data.OneFold, data.OneFoldBaselines, seed, cancellationToken).Candidates;
                    Add(loss, unseen, seed, data, heads.Single(c => c.Name == CandidateName.Trained));
                    foreach (var baseline in loss == LossChoice.Cpf && seed == 1 ? Baselines : [])
                    {
                        Add(baseline, unseen, 0, data, heads.Single(c => c.Name == baseline));
                    }
                }
            }
        }

        return new BenchReport(
            $"Test classes of {string.Join(", ", Sets)} (shared/data); features of {backboneWords}, heads of 256 values. Each set is left "
                + "out in turn: known figures are of the two sets that were trained on, unseen ones of the third; three seeds, baselines "
                + "have none",
            [.. measured.Select(m => m.Method).Distinct().SelectMany(method => Figures(method, measured))],
            [
                $"{LossSetting.HowTuned} Here the heads are trained on the other train classes alone and the threshold comes from the "
                    + $"validation classes. Chosen: {string.Join("; ", chosen)}.",
                "F1: pairwise, at the one threshold. Kept: that F1 over the best any threshold "
                    + "would give on the same classes; mean over sets, and the worst set. OPIS: variance over classes; lower is better.",
                "Less background: similarity less half of each picture's mean similarity to its ten nearest among "
                    + $"{BackgroundPictures} train pictures of the known sets; its threshold is the best on their validation classes. No "
                    + "index and no exact join are known for it, so it is only a baseline.",
            ]);

        string File(string set) => context.Shared($"data/{set}/labels.csv");

        void Add(string method, string unseen, int seed, LossData data, FittedHead fitted)
        {
            var figures = data.Measure(fitted, cancellationToken);
            for (var set = 0; set < figures.Count; set++)
            {
                measured.Add(new Measured(
                    method, data.SetNames[set] == unseen, data.SetNames[set], seed, figures[set].F1,
                    figures[set].F1 / figures[set].BestF1, figures[set].Opis));
            }

            if (method is CandidateName.Frozen or LossChoice.Cpf)
            {
                measured.AddRange(LessBackground(method, unseen, seed, data, fitted.Head, cancellationToken));
            }

        }
    }

    private static IEnumerable<Figure> Figures(string method, List<Measured> all)
    {
        var mine = all.Where(m => m.Method == method).ToList();
        foreach (var (words, isUnseen) in new[] { ("known", false), ("unseen", true) })
        {
            var bySeed = mine.Where(m => m.IsUnseen == isUnseen).GroupBy(m => m.Seed).ToList();
            yield return Figure.Of($"{method}, {words}: F1", [.. bySeed.Select(s => s.Average(m => m.F1))], "");
            yield return Figure.Of($"{method}, {words}: kept", [.. bySeed.Select(s => s.Average(m => m.Kept))], "");
            yield return Figure.Of($"{method}, {words}: kept, worst set", [.. bySeed.Select(s => s.Min(m => m.Kept))], "");
            if (mine[0].Opis is not null)
            {
                yield return Figure.Of($"{method}, {words}: OPIS", [.. bySeed.Select(s => s.Average(m => m.Opis!.Value))], "");
            }
        }

        foreach (var set in Sets)
        {
            var unseen = mine.Where(m => m.IsUnseen && m.Set == set).ToList();
            yield return Figure.Of($"{method}, unseen {set}: F1", [.. unseen.Select(m => m.F1)], "");
            yield return Figure.Of($"{method}, unseen {set}: kept", [.. unseen.Select(m => m.Kept)], "");
        }
    }

    private static IEnumerable<Measured> LessBackground(
        string method, string unseen, int seed, LossData data, LinearHead head, CancellationToken cancellationToken)
    {
        using var session = new HeadSession(HeadFile.Load(head.ToOnnx("a bench"), "a bench"), new SessionSettings());
        var train = EmbeddedSplit.Of(data.Pictures, HeadEmbeddings.Compute(session, data.Features, cancellationToken));
        var rows = train.Set.Members;
        // Not of the validation pictures: the threshold is chosen on them.
        var known = Enumerable.Range(0, rows.Count)
            .Where(row => data.Pictures[(int)rows.ContentId(row)].Split == LabelledSplit.Train).ToList();
        var background = new EmbeddingMatrix(rows.Dimension, BackgroundPictures);
        for (var i = 0; i < BackgroundPictures; i++)
        {
            var row = known[(int)((long)i * known.Count / BackgroundPictures)];
            background.Add(rows.ContentId(row), rows.Row(row));
        }

        var similarity = new BackgroundSimilarity(background);
        var validation = Enumerable.Range(0, rows.Count).GroupBy(row => data.Pictures[(int)rows.ContentId(row)])
            .Where(row => row.Key.Split == LabelledSplit.Validation).GroupBy(row => row.Key.Set, row => row.Single())
            .Select(set => EvaluationSet.Of(EvaluationSet.Subset(rows, [.. set]), [.. set.Select(row => train.Set.Classes[row])]));
        var threshold = BackgroundSimilarity.BestThreshold([.. validation.Select(similarity.Pairs)]);
        var tests = data.Embed(head, cancellationToken);
        for (var set = 0; set < tests.Count; set++)
        {
            var pairs = similarity.Pairs(tests[set].Set);
            var f1 = BackgroundSimilarity.F1(pairs);
            var at = BackgroundSimilarity.F1At(pairs, f1, threshold);
            yield return new Measured(
                method + Background, data.SetNames[set] == unseen, data.SetNames[set], seed, at, at / f1.Max(), null);
        }
    }

    private sealed record Measured(string Method, bool IsUnseen, string Set, int Seed, double F1, double Kept, double? Opis);
}
