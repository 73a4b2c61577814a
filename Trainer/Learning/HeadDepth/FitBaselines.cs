using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Heads;
using CpfPipeline.Learning.Torch;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.HeadDepth;

/// <summary>
/// The heads without training of each fold of a set, with their figures: kept, so that several settings of a training share them.
/// </summary>
/// <param name="set">Features, classes, folds.</param>
/// <param name="target">What thresholds are for.</param>
public sealed class FitBaselines(FitSet set, CalibrationTarget target)
{
    // A fifth of 100,000 pictures would validate. Joining them with all takes longer than training, and some thousands say as much.
    private const int MaxMembers = 5_000;

    private readonly Dictionary<BaselineKey, MeasuredHead> _known = [];

    public CalibrationTarget Target => target;

    /// <summary>Frozen, PCA and, where a loss is to start from it, the discriminant.</summary>
    /// <param name="fold">The fold that validates; null: fitted to all, not measured.</param>
    /// <param name="options">Their settings.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    public IEnumerable<(string Name, MeasuredHead Measured)> Of(int? fold, HeadOptions options, CancellationToken cancellationToken)
    {
        // What a head does not depend on stays out of its key.
        var frozen = new BaselineKey(CandidateName.Frozen, fold);
        var pca = new BaselineKey(CandidateName.Pca, fold, options.EmbeddingDim, options.SquareRoot, options.MaxDirections);
        var discriminant = pca with { Name = CandidateName.Discriminant, Shrinkage = options.Shrinkage, Whitening = options.Whitening };
        BaselineKey[] wanted = options.Loss is null ? [frozen, pca] : [frozen, pca, discriminant];
        var missing = wanted.Where(key => !_known.ContainsKey(key)).ToArray();
        if (missing.Length > 0)
        {
            foreach (var (key, head) in ScalarLifetime.Again(() => Fit(missing, options, cancellationToken)))
            {
                _known[key] = new MeasuredHead(head, fold is { } f ? Measure(head, f, cancellationToken) : []);
            }
        }

        return wanted.Select(key => (key.Name, _known[key]));
    }

    /// <summary>
    /// Measures a head as it would serve: through its ONNX file, on halves; a fold's classes are compared with everything there is.
    /// </summary>
    public IReadOnlyList<FoldFigures?> Measure(LinearHead head, int fold, CancellationToken cancellationToken)
    {
        using var session = new HeadSession(HeadFile.Load(head.ToOnnx("a candidate"), "a candidate"), new SessionSettings());
        var parts = new List<FoldFigures?>();
        for (var group = 0; group < set.GroupCount; group++)
        {
            var rows = Enumerable.Range(0, set.Classes.Length).Where(i => set.Groups[i] == group && set.TakesPart(i)).ToArray();
            var members = Members(rows, fold);
            var measured = FitEmbeddings.Of(
                session, set, rows, i => members.Contains(i) ? set.Classes[i] : EvaluationSet.NoClass, cancellationToken);
            if (measured.PositivePairs == 0)
            {
                parts.Add(null);
                continue;
            }

            var alone = measured.Alone();
            parts.Add(new FoldFigures(
                MeasuredPart.Of(measured, set.WrongPairsPerPicture[group], target.Precision is not null, seed: 1, cancellationToken),
                MeasuredPart.Of(alone, set.WrongPairsPerPicture[group], perClass: false, seed: 1, cancellationToken)));
        }

        return parts;
    }

    // Whole classes of the fold, those with a pair first, until there are enough pictures. All other pictures can only be found wrongly.
    private HashSet<int> Members(int[] rows, int fold)
    {
        // Scattered by a multiplicative hash: neighbours in the alphabet may be alike.
        var members = new HashSet<int>();
        foreach (var ofClass in rows.Where(i => set.Folds[i] == fold).GroupBy(i => set.Classes[i])
            .OrderByDescending(g => g.Skip(1).Any()).ThenBy(g => unchecked((uint)g.Key * 2_654_435_761)))
        {
            if (members.Count + ofClass.Count() > MaxMembers && members.Count > 0)
            {
                break;
            }

            members.UnionWith(ofClass);
        }

        return members;
    }

    private List<(BaselineKey Key, LinearHead Head)> Fit(BaselineKey[] keys, HeadOptions options, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var rows = set.TrainRows(keys[0].Fold);
        using var moments = FeatureMoments.Of(
            set.Rows(rows), options.SquareRoot, set.Relabel(rows), Weights(rows), cancellationToken, options.MaxDirections);
        return
        [
            .. keys.Select(key => (key, key.Name switch
            {
                CandidateName.Frozen => HeadStart.Frozen(set.Dimension),
                CandidateName.Pca => HeadStart.Pca(moments, options.SquareRoot, options.EmbeddingDim),
                _ => HeadStart.Discriminant(moments, options.SquareRoot, options.EmbeddingDim, options.Shrinkage, options.Whitening),
            })),
        ];
    }

    // Each set has the same weight.
    private double[]? Weights(int[] rows)
    {
        if (set.GroupCount == 1)
        {
            return null;
        }

        var sizes = rows.GroupBy(i => set.Groups[i]).ToDictionary(g => g.Key, g => g.Count());
        return [.. rows.Select(i => (double)rows.Length / (sizes.Count * sizes[set.Groups[i]]))];
    }

    private sealed record BaselineKey(
        string Name, int? Fold, int Dim = 0, bool SquareRoot = false, int? MaxDirections = null, double Shrinkage = 0,
        double Whitening = 0);
}
