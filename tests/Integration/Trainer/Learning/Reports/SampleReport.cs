using System.Globalization;
using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Losses;
using CpfPipeline.Learning.Reports;
using CpfPipeline.Learning.Reports.Data;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Vision.Decode;

namespace CpfPipeline.Tests.Integration.Trainer.Learning.Reports;

/// <summary>
/// A report of the size that the page is made for, over the demonstration's pictures: some 300 classes, 1,200 pictures, 750,000 pairs. The
/// embeddings are drawn (classes of differing width, some crowded together); every figure is counted from their pairs.
/// </summary>
internal static class SampleReport
{
    public const int Bins = 150;
    private const int Dimension = 32;
    private const double Low = -1;
    private const double Step = 2.0 / Bins;
    private static readonly string[] AwkwardLabels =
    [
        "<script>document.title = 'taken'</script>", "\"O'Brien\" & Söhne <b>", "寿司セット 🍣 特上", "عربي מעורב label",
        "\u0000\ud800 broken \u202e text",
        string.Concat(Enumerable.Repeat("unbreakable", 60)), "",
    ];

    public static ReportData Make(int seed = 7, int classes = 300)
    {
        var random = new Random(seed);
        var pictures = Pictures(classes);
        var embeddings = Embeddings(pictures, random);
        var pairs = Pairs(pictures, embeddings);
        var curve = Curve(pairs);
        var best = curve.MaxBy(F1)!;
        var threshold = best.Threshold + 0.03;
        var perClass = ClassRows(pictures, pairs, threshold);
        var figures = Figures(pictures, pairs, threshold, best, perClass);
        return new ReportData
        {
            Title = "MobileNetV2, head trained on emoji",
            Facts =
            [
                new("Loss", "CPF, preset shopee"), new("Depth", "head, 1280 to 256, PCA start"), new("Seed", "1"),
                new("Data", "sha256 " + new string('7', 64)),
                new("Commit", "0123456789abcdef"), new("Device", "CPU, 2 threads"),
                new(
                    "Command",
                    "infra/cpf train --images labels.csv --backbone mobilenetv2.onnx --depth head --loss cpf --seed 1 --out model"),
            ],
            Figures = figures,
            Baselines =
            [
                new("PCA head, untrained", figures with
                {
                    F1 = 0.81 * figures.F1, BestF1 = 0.86 * figures.BestF1, RecallAt1 = 0.9 * figures.RecallAt1,
                    Opis = 2.2 * figures.Opis, Threshold = 0.71,
                }),
                new("frozen features", figures with
                {
                    F1 = 0.4 * figures.F1, BestF1 = 0.5 * figures.BestF1, RecallAt1 = 0.7 * figures.RecallAt1,
                    Opis = 4 * figures.Opis, Threshold = 0.86, MapAtR = double.NaN,
                }),
            ],
            Histogram = Histogram(pairs),
            PrecisionRecall = curve,
            Classes = perClass,
            OperatingPoints = Utilities(pictures, pairs),
            Training =
            [
                .. Enumerable.Range(0, 600).Select(i => new LossPoint(
                    i * 10, 0.25 + (0.5 * Math.Exp(-i / 120.0)) + (0.02 * random.NextDouble()),
                    i % 40 == 39 ? 0.5 - (0.25 * Math.Exp(-i / 110.0)) - (0.00008 * Math.Max(0, i - 350)) : null)),
            ],
            FalseMatches =
            [
                .. pairs.Where(p => !p.Same && p.Similarity >= threshold).OrderByDescending(p => p.Similarity).Take(24)
                    .Select(p => Pair(p, pictures)),
            ],
            Misses =
            [
                .. pairs.Where(p => p.Same && p.Similarity < threshold).OrderBy(p => p.Similarity).Take(23).Select(p => Pair(p, pictures)),
                MissingFile(pictures[0]),
            ],
        };
    }

    /// <summary>A small page whose one mistake is a pair of a catalogue's pictures.</summary>
    public static string Page(long contentA, long contentB)
    {
        using var page = new StringWriter(CultureInfo.InvariantCulture);
        ReportPage.Write(
            Make(classes: 8) with { FalseMatches = [], Misses = [], MissIds = [new ContentPair(0.5, contentA, contentB)] }, page,
            new ImageDecoder(new ImageLimits(), TimeProvider.System), CancellationToken.None);
        return page.ToString();
    }

    private static PicturePair Pair(ScoredPair pair, List<SamplePicture> pictures) =>
        new(pair.Similarity, pictures[pair.A].Path, pictures[pair.A].Label, pictures[pair.B].Path, pictures[pair.B].Label);

    private static PicturePair MissingFile(SamplePicture picture) =>
        new(0.1, picture.Path, picture.Label, "/nowhere/gone.png", picture.Label);

    private static List<SamplePicture> Pictures(int classes)
    {
        var demo = Path.Combine(Repository.Root(), "infra", "demo");
        var names = File.ReadLines(Path.Combine(demo, "names.csv")).Skip(1).Select(line => line.Split(','))
            .ToDictionary(f => f[0], f => f[1]);
        var folders = Directory.GetDirectories(Path.Combine(demo, "pictures")).Order(StringComparer.Ordinal).ToList();
        return [.. Enumerable.Range(0, classes).SelectMany(c =>
        {
            var folder = folders[c * folders.Count / classes];
            var label = c % 40 == 20
                ? AwkwardLabels[c / 40 % AwkwardLabels.Length]
                : names.GetValueOrDefault(Path.GetFileName(folder), "unnamed " + c.ToString(CultureInfo.InvariantCulture));
            return Directory.GetFiles(folder, "*.png").Order(StringComparer.Ordinal).Select(path => new SamplePicture(path, label, c));
        })];
    }

    private static List<double[]> Embeddings(List<SamplePicture> pictures, Random random)
    {
        var crowds = Enumerable.Range(0, 60).Select(_ => Direction(random)).ToList();
        var classes = pictures.Select(p => p.Class).Distinct().ToDictionary(
            c => c,
            c => (
                Centre: Mix(crowds[c % crowds.Count], Direction(random), c % 3 == 0 ? 0.9 : 1.6),
                Width: 0.35 + (0.8 * random.NextDouble())));
        return
        [
            .. pictures.Select(
                p => Mix(classes[p.Class].Centre, Direction(random), classes[p.Class].Width * (0.6 + (0.6 * random.NextDouble())))),
        ];
    }

    private static double[] Direction(Random random) =>
        Unit(
        [
            .. Enumerable.Range(0, Dimension)
                .Select(_ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())),
        ]);

    private static double[] Mix(double[] a, double[] b, double share) => Unit([.. a.Zip(b, (x, y) => x + (share * y))]);

    private static double[] Unit(double[] vector)
    {
        var length = Math.Sqrt(vector.Sum(v => v * v));
        return [.. vector.Select(v => v / length)];
    }

    private static List<ScoredPair> Pairs(List<SamplePicture> pictures, List<double[]> embeddings)
    {
        var pairs = new List<ScoredPair>();
        for (var a = 0; a < pictures.Count; a++)
        {
            for (var b = a + 1; b < pictures.Count; b++)
            {
                var sum = 0.0;
                for (var d = 0; d < Dimension; d++)
                {
                    sum += embeddings[a][d] * embeddings[b][d];
                }

                pairs.Add(new(sum, pictures[a].Class == pictures[b].Class, a, b));
            }
        }

        return pairs;
    }

    private static SimilarityHistogram Histogram(List<ScoredPair> pairs)
    {
        var (positive, negative) = (new long[Bins], new long[Bins]);
        foreach (var pair in pairs)
        {
            (pair.Same ? positive : negative)[Math.Clamp((int)((pair.Similarity - Low) / Step), 0, Bins - 1)]++;
        }

        return new(Low, Step, positive, negative);
    }

    private static List<PrecisionRecallPoint> Curve(List<ScoredPair> pairs)
    {
        var sorted = pairs.OrderByDescending(p => p.Similarity).ToList();
        var positives = sorted.Count(p => p.Same);
        var points = new List<PrecisionRecallPoint>();
        var (found, next) = (0, 0);
        for (var i = 0; i < 400; i++)
        {
            var threshold = 0.98 - (0.95 * i / 399);
            for (; next < sorted.Count && sorted[next].Similarity >= threshold; next++)
            {
                found += sorted[next].Same ? 1 : 0;
            }

            if (next > 0)
            {
                points.Add(new(threshold, (double)found / next, (double)found / positives));
            }
        }

        return points;
    }

    private static List<ClassFigures> ClassRows(List<SamplePicture> pictures, List<ScoredPair> pairs, double threshold)
    {
        var scores = ByClass(pictures, pairs);
        return [.. pictures.GroupBy(p => p.Class).Select(group =>
        {
            var (same, other) = scores[group.Key];
            var (precision, recall) = At(same, other, threshold);
            var best = Enumerable.Range(0, 60).Select(i => 0.25 + (0.0125 * i)).MaxBy(t => F1(At(same, other, t)));
            return new ClassFigures(group.First().Label, group.Count(), precision, recall, F1((precision, recall)), best);
        })];
    }

    private static OperatingPoints Utilities(List<SamplePicture> pictures, List<ScoredPair> pairs)
    {
        var scores = ByClass(pictures, pairs);
        var negatives = pairs.Where(p => !p.Same).Select(p => p.Similarity).Order().ToList();
        var (low, high) = (negatives[(int)(0.9 * negatives.Count)], negatives[(int)(0.99 * negatives.Count)]);
        var thresholds = Enumerable.Range(0, 50).Select(i => low + ((high - low) * i / 49)).ToList();
        var rows = scores.Values.Select(s => thresholds.Select(t =>
        {
            var (sensitivity, specificity) = (
                (double)s.Same.Count(v => v >= t) / s.Same.Count, (double)s.Other.Count(v => v < t) / s.Other.Count);
            return sensitivity + specificity > 0 ? 2 * sensitivity * specificity / (sensitivity + specificity) : 0;
        }).ToList()).ToList();
        var kept = Enumerable.Range(0, Math.Min(200, rows.Count)).ToList();
        return new(
            thresholds, [.. kept.Select(i => rows[i])],
            [.. kept.Select(i => pictures.First(p => p.Class == scores.Keys.ElementAt(i)).Label)],
            [.. Enumerable.Range(0, 50).Select(t => rows.Average(r => r[t]))]);
    }

    private static Dictionary<int, (List<double> Same, List<double> Other)> ByClass(List<SamplePicture> pictures, List<ScoredPair> pairs)
    {
        var scores = pictures.Select(p => p.Class).Distinct()
            .ToDictionary(c => c, _ => (Same: new List<double>(), Other: new List<double>()));
        foreach (var pair in pairs)
        {
            if (pair.Same)
            {
                scores[pictures[pair.A].Class].Same.Add(pair.Similarity);
            }
            else
            {
                scores[pictures[pair.A].Class].Other.Add(pair.Similarity);
                scores[pictures[pair.B].Class].Other.Add(pair.Similarity);
            }
        }

        return scores;
    }

    private static (double Precision, double Recall) At(List<double> same, List<double> other, double threshold)
    {
        var (right, wrong) = (same.Count(s => s >= threshold), other.Count(s => s >= threshold));
        return (right + wrong == 0 ? 0 : (double)right / (right + wrong), same.Count == 0 ? 0 : (double)right / same.Count);
    }

    private static EvaluationFigures Figures(
        List<SamplePicture> pictures, List<ScoredPair> pairs, double threshold, PrecisionRecallPoint best, List<ClassFigures> classes)
    {
        var reported = pairs.Where(p => p.Similarity >= threshold).ToList();
        var right = reported.Count(p => p.Same);
        var (precision, recall) = ((double)right / reported.Count, (double)right / pairs.Count(p => p.Same));
        var f1 = F1((precision, recall));
        return new()
        {
            Images = pictures.Count, Classes = classes.Count, Distractors = 2000, Threshold = threshold, RecallAt1 = 0.684, MapAtR = 0.412,
            Precision = precision,
            Recall = recall, F1 = f1, BestF1 = F1(best), BestThreshold = best.Threshold, BcubedF1 = 0.611, Opis = 0.0058,
            F1Interval = [f1 - 0.028, f1 + 0.031],
            F1PlateauWidth = 0.062, PairsPerImage = (double)reported.Count / pictures.Count, LargestComponent = 37,
        };
    }

    private static double F1(PrecisionRecallPoint point) => F1((point.Precision, point.Recall));

    private static double F1((double Precision, double Recall) at) =>
        at.Precision + at.Recall > 0 ? 2 * at.Precision * at.Recall / (at.Precision + at.Recall) : 0;

    private sealed record SamplePicture(string Path, string Label, int Class);

    private readonly record struct ScoredPair(double Similarity, bool Same, int A, int B);
}
