using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.DefaultModels;
using CpfPipeline.Learning.Features;
using CpfPipeline.Learning.FirstModels;
using CpfPipeline.Learning.Heads;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Vision.Copies;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;
using static TorchSharp.torch;

namespace CpfPipeline.Tests.Benchmarks.Backbones;

/// <summary>
/// Whether a head for edited copies is worth having: none against the default model's kind and against the discriminant, on pictures and by
/// edits that fitted nothing.
/// </summary>
internal sealed class CopyHeadBench : IPipelineBench
{
    private const int FittedPictures = 300;
    private const int Queries = 60;
    private const int Others = 120;
    private const int DefaultDim = 96; // The default model's.
    private const int ServedQueries = 300;
    private const int ServedOthers = 600;
    private const int ServedSeeds = 30; // Other edits than the default model's head was fitted to.
    private const double Precision = .95;

    private static readonly int[] Seeds = [1, 2, 3];

    // What is measured includes edits of which the head has seen no example.
    private static readonly IReadOnlyList<CopyEdit> HeldBack =
        [CopyEdit.CropRescale, CopyEdit.CropWatermark, CopyEdit.Tint, CopyEdit.Rotate, CopyEdit.Screenshot, CopyEdit.MirrorPad];

    private static readonly IReadOnlyList<CopyEdit> Fitted = [.. EditedCopies.All.Except(HeldBack)];

    public string Name => "copy-head";

    public string Summary => "heads for edited copies: F1, precision and recall by edits and pictures held back (some 20 minutes)";

    public bool OnlyWhenNamed => true;

    public Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken) =>
        Task.Run(() => Run(context, cancellationToken), cancellationToken);

    private static BenchReport Run(BenchContext context, CancellationToken cancellationToken)
    {
        var backbone = DefaultModel.ReadBackbone(DefaultModel.Folder);
        using var session = new BackboneSession(backbone, new SessionSettings { Provider = ExecutionProviderRequest.Cpu });
        var extractor = new FeatureExtractor(session, new ImageDecoder(new ImageLimits(), TimeProvider.System));
        var runs = new SortedDictionary<string, List<double>>(StringComparer.Ordinal);
        var served = DefaultModel.Read(DefaultModel.Folder);
        foreach (var seed in Seeds)
        {
            foreach (var (edits, among) in new[] { ("mild edits", EditedCopies.Mild), ("all edits", EditedCopies.All) })
            {
                var photographs = Labelled(context, "grocery", "test").Concat(Labelled(context, "cub", "test"));
                var rows = Rows(served.Head, Strict(extractor, photographs, among, seed + ServedSeeds, cancellationToken));
                var at = CopyThreshold.Measure(rows, served.Threshold);
                Add($"default model, photographs, {edits}: best F1", CopyThreshold.Choose(rows).F1);
                Add($"default model, photographs, {edits}: F1 at its threshold", at.F1);
                Add($"default model, photographs, {edits}: precision at its threshold", at.Precision);
                Add($"default model, photographs, {edits}: recall at its threshold", at.Recall);
            }

            List<CopyPicture> pictures =
            [
                .. Draw(Labelled(context, "grocery", "train").Where(p => !ClassSplit.IsCalibration(p.Label)), FittedPictures, seed)
                    .Select(p => new CopyPicture(p.Path, p.Label, 0, CopyUse.Fits)),
                .. Draw(Drawings(context, test: false), FittedPictures, seed)
                    .Select(p => new CopyPicture(p.Path, p.Label, 1, CopyUse.Fits)),
            ];
            var fitting = Families(extractor, pictures, _ => Fitted.Count, Fitted, seed, cancellationToken);
            var calibrating = Measured(
                extractor, Labelled(context, "grocery", "train").Where(p => ClassSplit.IsCalibration(p.Label)), EditedCopies.All, seed,
                cancellationToken);
            var tests = new[]
            {
                ("grocery", Labelled(context, "grocery", "test")), ("cub", Labelled(context, "cub", "test")),
                ("drawings", Drawings(context, test: true)),
            }.SelectMany(s => new[] { ("edits it was fitted to", Fitted), ("other edits", HeldBack) }.Select(e =>
                (Name: $"{s.Item1}, {e.Item1}", Families: Measured(extractor, s.Item2, e.Item2, seed, cancellationToken)))).ToList();
            context.Say($"seed {seed}: features are there");
            foreach (var (kind, head) in Heads(backbone, fitting, cancellationToken))
            {
                var threshold = CopyThreshold.Choose(Rows(head, calibrating), Precision).Threshold;
                foreach (var (name, families) in tests)
                {
                    var rows = Rows(head, families);
                    var at = CopyThreshold.Measure(rows, threshold);
                    Add($"{name}: best F1, {kind}", CopyThreshold.Choose(rows).F1);
                    Add($"{name}: F1 at the threshold, {kind}", at.F1);
                    Add($"{name}: precision at the threshold, {kind}", at.Precision);
                    Add($"{name}: recall at the threshold, {kind}", at.Recall);
                }
            }
        }

        return new BenchReport(
            $"heads fitted to {FittedPictures} photographs of grocery's train split and {FittedPictures} drawings of the demonstration, "
                + $"{Fitted.Count} copies each; measured on {Queries} pictures with three copies among {Others} others of test splits; "
                + $"{Seeds.Length} seeds of pictures and edits",
            [.. runs.Select(r => Figure.Of(r.Key, r.Value, ""))],
            [
                $"Threshold: the best F1 with a precision of at least {Precision} on copies of other photographs of grocery's train split.",
                $"Edits that no head saw: {string.Join(", ", HeldBack.Select(EditedCopies.NameOf))}.",
                "Pairs of a picture and its copy against all pairs with other pictures, as if each had one copy; pictures of one label are "
                    + "neither right nor wrong.",
                $"Default model: {ServedQueries} photographs of the test splits of grocery and cub with two copies each among "
                    + $"{ServedOthers} others; other photographs of one label count as wrong; its head was fitted to edits of these kinds.",
                "Nothing was fitted to pictures of cub, nothing was chosen on test splits. None: the feature at unit length. Scatter: the "
                    + "default model's head. Discriminant: where trained heads begin.",
            ]);

        void Add(string name, double value)
        {
            if (!runs.TryGetValue(name, out var values))
            {
                runs[name] = values = [];
            }

            values.Add(value);
        }
    }

    private static List<CopyFamily> Strict(
        FeatureExtractor extractor, IEnumerable<(string Path, string Label)> pictures, IReadOnlyList<CopyEdit> edits, int seed,
        CancellationToken cancellationToken)
    {
        var drawn = Draw(pictures, ServedQueries + ServedOthers, seed)
            .Select((p, i) => new CopyPicture(p.Path, null, 0, i < ServedQueries ? CopyUse.Calibrates : CopyUse.Fits)).ToList();
        return Families(extractor, drawn, p => p.Use == CopyUse.Calibrates ? 2 : 0, edits, seed, cancellationToken);
    }

    private static IEnumerable<(string Kind, HeadFile Head)> Heads(
        BackboneFile backbone, List<CopyFamily> families, CancellationToken cancellationToken)
    {
        yield return ("none", HeadFile.Load(HeadBuilder.Identity(backbone.Spec.FeatureDim), "none"));
        yield return ($"scatter, {DefaultDim} values", CopyHead.Fit(backbone.Spec, families, DefaultDim, cancellationToken));
        yield return ("scatter, 256 values", CopyHead.Fit(backbone.Spec, families, 256, cancellationToken));
        List<CopyFamily> few = families.ConvertAll(f => f with { Copies = [.. f.Copies.Take(3)] });
        yield return ("scatter, 256 values, three copies", CopyHead.Fit(backbone.Spec, few, 256, cancellationToken));
        using var scope = NewDisposeScope();
        var rows = families.SelectMany((f, i) => f.Copies.Prepend(f.Original).Select(v => (Class: i, Values: v))).ToList();
        var features = tensor(rows.SelectMany(r => r.Values).ToArray(), [rows.Count, backbone.Spec.FeatureDim]);
        using var moments = FeatureMoments.Of(features, squareRoot: false, [.. rows.Select(r => r.Class)], null, cancellationToken);
        yield return ("discriminant", HeadFile.Load(HeadStart.Discriminant(moments, false, 256, .2, .15).ToOnnx("x"), "discriminant"));
    }

    private static IReadOnlyList<GalleryRow> Rows(HeadFile head, List<CopyFamily> families) =>
        new CopyGallery(head, families).Rows(0, CopyUse.Calibrates);

    private static List<CopyFamily> Measured(
        FeatureExtractor extractor, IEnumerable<(string Path, string Label)> pictures, IReadOnlyList<CopyEdit> edits, int seed,
        CancellationToken cancellationToken)
    {
        var drawn = Draw(pictures, Queries + Others, seed)
            .Select((p, i) => new CopyPicture(p.Path, p.Label, 0, i < Queries ? CopyUse.Calibrates : CopyUse.Fits)).ToList();
        return Families(extractor, drawn, p => p.Use == CopyUse.Calibrates ? 3 : 0, edits, seed, cancellationToken);
    }

    private static List<CopyFamily> Families(
        FeatureExtractor extractor, List<CopyPicture> pictures, Func<CopyPicture, int> copies, IReadOnlyList<CopyEdit> edits, int seed,
        CancellationToken cancellationToken)
    {
        var features = extractor.Extract(
            pictures.ConvertAll(p => p.Path), pictures.ConvertAll(p => copies(p)), edits, seed, null, cancellationToken);
        return [.. pictures.Zip(features).Select(p => new CopyFamily(p.First, p.Second!.Original, p.Second.Copies))];
    }

    private static IEnumerable<(string Path, string Label)> Draw(IEnumerable<(string Path, string Label)> pictures, int most, int seed)
    {
        var random = new Random(seed);
        return pictures.OrderBy(p => p.Path, StringComparer.Ordinal).ToList().OrderBy(_ => random.Next()).Take(most);
    }

    private static IEnumerable<(string Path, string Label)> Labelled(BenchContext context, string set, string split)
    {
        var labels = context.Shared($"data/{set}/labels.csv");
        return File.ReadLines(labels).Skip(1).Select(l => l.Split(',')).Where(l => l[2] == split)
            .Select(l => (Path.Combine(Path.GetDirectoryName(labels)!, l[0]), l[1]));
    }

    private static IEnumerable<(string Path, string Label)> Drawings(BenchContext context, bool test) =>
        Directory.EnumerateFiles(Path.Combine(context.Checkout, "infra", "demo", "pictures"), "*.png", SearchOption.AllDirectories)
            .Select(f => (Path: f, Label: Path.GetFileName(Path.GetDirectoryName(f))!))
            .Where(p => test ? ClassSplit.IsTest(p.Label) : ClassSplit.IsTrain(p.Label));
}
