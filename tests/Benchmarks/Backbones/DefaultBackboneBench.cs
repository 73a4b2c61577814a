using System.Numerics.Tensors;
using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.DefaultModels;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Vision.Copies;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Tests.Benchmarks.Backbones;

/// <summary>What the default backbone costs and how well it tells edited copies from other photographs, by size and by stages.</summary>
internal sealed class DefaultBackboneBench : IPipelineBench
{
    private const int Queries = 100;
    private const int Others = 150;
    private const int TimedRuns = 60;

    private static readonly IReadOnlyList<CopyEdit> Strong = [.. EditedCopies.All.Except(EditedCopies.Mild)];

    private static readonly string[] Sets = ["cub", "grocery"];
    private static readonly int[] Sides = [160, 192, 224];

    private static readonly FeatureParts Parts = new(
        [
            new("ReLU315_Output_0", 128, 8, [1, 2]), new("ReLU347_Output_0", 256, 16, [1, 2]), new("ReLU379_Output_0", 512, 32, [1]),
            new("ReLU393_Output_0", 512, 32, [1]),
        ],
        ColourGrid: 8);

    // Places of the parts within a feature: a stage's grids one after the other, the colours last.
    private static readonly int[] Lengths =
        [.. Parts.Stages.SelectMany(s => s.Grids.Select(n => s.Channels * n * n)), 3 * Parts.ColourGrid * Parts.ColourGrid];

    private static readonly (string Words, int[] Parts)[] Features =
    [
        ("stage 3", [2]), ("stage 4, second block", [4]), ("stage 4, last block", [5]), ("stage 3 and second block of stage 4", [2, 4]),
        ("stages 2, 3 and second block of stage 4", [0, 2, 4]), ("stages 2, 3 and last block of stage 4", [0, 2, 5]),
        ("stages 2, 3 and second block of stage 4, with quarters of 2 and 3", [0, 1, 2, 3, 4]),
        ("the same with colours", [0, 1, 2, 3, 4, 6]),
    ];

    private static readonly (string Words, PooledStage Stage)[] Timed =
    [
        ("stage 3", Parts.Stages[1]), ("stage 4, second block", Parts.Stages[2]), ("stage 4, last block", Parts.Stages[3]),
    ];

    public string Name => "default-backbone";

    public string Summary => "ResNet-18's stages and sizes: core-milliseconds and F1 of edited copies among photographs (some 15 minutes)";

    public bool OnlyWhenNamed => true;

    public Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken) =>
        Task.Run(() => Run(context, cancellationToken), cancellationToken);

    private static BenchReport Run(BenchContext context, CancellationToken cancellationToken)
    {
        var source = File.ReadAllBytes(Path.Combine(DefaultModel.Folder, DefaultBackbone.SourceName));
        var photos = Sets.SelectMany(s => Photos(context, s)).ToList();
        var figures = new List<Figure>();
        foreach (var side in Sides)
        {
            figures.AddRange(Timed.Select(t => new Figure(
                $"{side} px, up to {t.Words}", Milliseconds(Open(source, side, new FeatureParts([t.Stage with { Grids = [1] }], 0))),
                "core-ms/image")));
            figures.Add(new Figure(
                $"{side} px, the default backbone", Milliseconds(Open(source, side, DefaultBackbone.Parts)), "core-ms/image"));
            using var session = Open(source, side, Parts);
            var rows = Extract(session, photos, cancellationToken);
            context.Say($"{side} px: features are there");
            foreach (var (words, parts) in Features)
            {
                foreach (var (name, edits) in new[] { ("mild", EditedCopies.Mild), ("strong", Strong) })
                {
                    figures.Add(new Figure($"{side} px, {words}: best F1, {name} edits", Score(rows, parts, edits).F1, ""));
                }
            }
        }

        return new BenchReport(
            $"{photos.Count} photographs of the test splits of {string.Join(" and ", Sets)} (shared/data), {Queries * Sets.Length} of them "
                + "with four edited copies, two mild and two strong ones",
            figures,
            [
                "Features at unit length, no head. F1 at the best threshold, over pairs of a photograph and its copy against all pairs "
                    + "with other photographs, as if each had one copy; other photographs of the same class count as wrong.",
                "Mild: rescaled, recompressed, cropped, watermarked. Strong: tone, tint, border, rotation, blur, mirror, overlay, "
                    + "screenshot, hard crops.",
                "A stage is the generalised mean (p = 3) over its places, quarters likewise; colours are means over 8 x 8 cells.",
                "Core-milliseconds: one thread, batch 1, without decoding; the best of three rounds.",
            ]);
    }

    private static BackboneSession Open(byte[] source, int side, FeatureParts parts) => new(
        BackboneFile.Load(DefaultBackbone.Write(source, side, parts), "a variant"),
        new SessionSettings { Provider = ExecutionProviderRequest.Cpu });

    private static double Milliseconds(BackboneSession session)
    {
        using (session)
        {
            var batch = new PixelBatch(session.Spec.Input, 1);
            var (feature, reasons) = (new Half[session.Spec.FeatureDim], new string?[1]);
            batch.Row(0).Fill(.5f);
            return Enumerable.Range(0, 3).Min(_ =>
            {
                var before = Environment.CpuUsage.TotalTime;
                for (var i = 0; i < TimedRuns; i++)
                {
                    session.Run(batch, 1, feature, reasons);
                }

                return (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / TimedRuns;
            });
        }
    }

    // Those with copies first.
    private static IEnumerable<(string Path, bool IsCopied)> Photos(BenchContext context, string set)
    {
        var labels = context.Shared($"data/{set}/labels.csv");
        var random = new Random(7);
        return File.ReadLines(labels).Skip(1).Select(l => l.Split(',')).Where(l => l[2] == "test")
            .Select(l => Path.Combine(Path.GetDirectoryName(labels)!, l[0])).Order(StringComparer.Ordinal).ToList()
            .OrderBy(_ => random.Next()).Take(Queries + Others).Select((path, i) => (path, i < Queries));
    }

    private static List<(int Picture, CopyEdit? Edit, float[] Feature)> Extract(
        BackboneSession session, List<(string Path, bool IsCopied)> photos, CancellationToken cancellationToken)
    {
        var decoder = new ImageDecoder(new ImageLimits(), TimeProvider.System);
        var rows = new List<(int, CopyEdit?, float[])>[photos.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        Parallel.For(0, photos.Count, options, i =>
        {
            var bytes = File.ReadAllBytes(photos[i].Path);
            var batch = new PixelBatch(session.Spec.Input, 1);
            rows[i] = [(i, null, Feature(session, decoder, batch, bytes))];
            if (photos[i].IsCopied)
            {
                foreach (var edit in EditedCopies.Choose(bytes, 2, 1, EditedCopies.Mild).Concat(EditedCopies.Choose(bytes, 2, 1, Strong)))
                {
                    rows[i].Add((i, edit, Feature(session, decoder, batch, EditedCopies.TryMake(decoder, bytes, edit, 1)!.Jpeg)));
                }
            }
        });
        return [.. rows.SelectMany(r => r)];
    }

    private static float[] Feature(BackboneSession session, ImageDecoder decoder, PixelBatch batch, byte[] bytes)
    {
        var (feature, reasons) = (new Half[session.Spec.FeatureDim], new string?[1]);
        decoder.Decode(bytes, session.Spec.Input, batch.Row(0));
        session.Run(batch, 1, feature, reasons);
        var result = new float[feature.Length];
        TensorPrimitives.ConvertToSingle(feature, result);
        return result;
    }

    private static CopyCalibration Score(
        List<(int Picture, CopyEdit? Edit, float[] Feature)> rows, int[] parts, IReadOnlyList<CopyEdit> edits)
    {
        var taken = rows.Where(r => r.Edit is not { } edit || edits.Contains(edit)).ToList();
        var copied = taken.Where(r => r.Edit is not null).Select(r => r.Picture).ToHashSet();
        return CopyThreshold.Choose(
        [
            .. taken.Select(r =>
                new GalleryRow(r.Picture, r.Edit is not null, null, copied.Contains(r.Picture), Unit(r.Feature, parts))),
        ]);
    }

    private static float[] Unit(float[] feature, int[] parts)
    {
        var taken = parts.SelectMany(p =>
        {
            var start = Lengths.Take(p).Sum();
            return feature[start..(start + Lengths[p])];
        }).ToArray();
        TensorPrimitives.Divide(taken, TensorPrimitives.Norm<float>(taken), taken);
        return taken;
    }
}
