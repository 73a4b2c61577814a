using CpfPipeline.Labels;
using CpfPipeline.Learning.Features;
using CpfPipeline.Learning.LabelledSets;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.HeadDepth;

/// <summary>Features with classes and folds: what a head is fitted to.</summary>
/// <remarks>
/// A fold is a share of the classes that validates while the others train. With explicit validation rows, enough validation classes, or
/// features that were trained on the train classes, there is one fold. Otherwise classes are dealt by the first byte of SHA-256 of their
/// key. Fold 0 is the rule's validation share (h &lt; 51), the rest goes to three more folds, so each class validates once. Where so few
/// classes would leave training or validation fewer than two, they are dealt in turn, in the order of that byte, to as many folds as get
/// two each, four at most.
/// </remarks>
public sealed class FitSet : IDisposable
{
    private static readonly int[] FoldEnds = [51, 119, 187, 256];

    private FitSet(
        Half[] values, int dimension, int[] classes, int[] groups, int[] folds, int foldCount, double[] wrongPairsPerPicture,
        int[]? scopes = null,
        IReadOnlyList<(int A, int B)>? separations = null)
    {
        (Values, Dimension, Classes, Groups, Folds, FoldCount) = (values, dimension, classes, groups, folds, foldCount);
        (WrongPairsPerPicture, Scopes, Separations) = (wrongPairsPerPicture, scopes, separations ?? []);
        Features = tensor(values, [classes.Length, dimension]);
        Features.DetachFromDisposeScope();
    }

    /// <summary>No class: a distractor.</summary>
    public const int NoClass = -1;

    /// <summary>The scope of a row that takes no part in any comparison.</summary>
    public const int NoScope = -1;

    /// <summary>Features <c>[N,F]</c>, row after row, of pictures that have one.</summary>
    public Half[] Values { get; }

    /// <summary>The same as a tensor, <c>[N,F] float16</c>.</summary>
    public Tensor Features { get; }

    public int Dimension { get; }

    /// <summary>Class of each row from 0, or <see cref="NoClass"/>.</summary>
    public int[] Classes { get; }

    /// <summary>Set of each row.</summary>
    public int[] Groups { get; }

    /// <summary>
    /// Scope of each row, the same for all rows of a class, or <see cref="NoScope"/>: rows of two scopes are neither right nor wrong to
    /// match. Null: one scope.
    /// </summary>
    public int[]? Scopes { get; }

    /// <summary>Classes that are two products although their scopes differ.</summary>
    public IReadOnlyList<(int A, int B)> Separations { get; }

    /// <summary>Fold in which each row validates, or -1.</summary>
    public int[] Folds { get; }

    public int FoldCount { get; }

    /// <summary>More than one fold: the last head is trained on all.</summary>
    public bool IsCrossFit => FoldCount > 1;

    public int GroupCount => WrongPairsPerPicture.Count;

    /// <summary>Pairs of two classes for each picture of the catalogue that a threshold is for, a set each.</summary>
    public IReadOnlyList<double> WrongPairsPerPicture { get; }

    /// <param name="set">The whole set; test pictures are counted and not used otherwise.</param>
    /// <param name="pictures">The pictures of splits train, val and distractor that the features are of.</param>
    /// <param name="features">Of these pictures.</param>
    /// <param name="options">When to cross-fit.</param>
    /// <param name="catalogueSize">
    /// Overrides the size of the catalogue; null: a set's test pictures with its distractors, or all when it has no test pictures.
    /// </param>
    /// <param name="mayCrossFit">False when the features themselves were trained on the train classes.</param>
    public static FitSet Of(
        LabelledSet set, IReadOnlyList<LabelledPicture> pictures, PictureFeatures features, HeadOptions options, int? catalogueSize,
        bool mayCrossFit = true)
    {
        var rows = features.Usable;
        var classes = rows.Select(i => pictures[i]).Where(p => p.Split != LabelledSplit.Distractor).Select(p => p.Class)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select((name, i) => (name, i))
            .ToDictionary(c => c.name, c => c.i, StringComparer.Ordinal);
        var byRule = !set.HasValidationRows;
        var few = pictures.Where(p => p.Split == LabelledSplit.Validation).Select(p => p.Class).Distinct(StringComparer.Ordinal)
            .Count() < options.CrossFitBelow;
        var isCrossFit = byRule && few && mayCrossFit;
        var (foldOf, foldCount) = isCrossFit
            ? DealOut(rows.Select(i => pictures[i]).Where(p => p.Split != LabelledSplit.Distractor))
            : (null, 1);
        var values = new Half[checked(rows.Count * features.Dimension)];
        for (var i = 0; i < rows.Count; i++)
        {
            features.Row(rows[i]).CopyTo(values.AsSpan(i * features.Dimension));
        }

        var groupOf = set.Sets.Select((name, i) => (name, i)).ToDictionary(s => s.name, s => s.i, StringComparer.Ordinal);
        return new FitSet(
            values, features.Dimension,
            [.. rows.Select(i => pictures[i].Split == LabelledSplit.Distractor ? NoClass : classes[pictures[i].Class])],
            [.. rows.Select(i => groupOf[pictures[i].Set])],
            [.. rows.Select(i => FoldOf(pictures[i], foldOf))],
            foldCount,
            [.. set.Sets.Select(name => (catalogueSize ?? SizeOf(set, name)) / 2.0)]);
    }

    /// <summary>From numbers alone; see the properties.</summary>
    public static FitSet Of(
        Half[] values, int dimension, int[] classes, int[] groups, int[] folds, double[] wrongPairsPerPicture, int[]? scopes = null,
        IReadOnlyList<(int A, int B)>? separations = null) =>
        new(values, dimension, classes, groups, folds, folds.Max() + 1, wrongPairsPerPicture, scopes, separations);

    /// <summary>Rows to train on when a fold validates; null: all rows with a class.</summary>
    public int[] TrainRows(int? fold) =>
        [.. Enumerable.Range(0, Classes.Length).Where(i => Classes[i] != NoClass && (fold is null || Folds[i] != fold))];

    /// <summary>Features of some rows, <c>[n,F] float16</c>.</summary>
    public Tensor Rows(int[] rows) => Features.index_select(0, tensor(rows).to(ScalarType.Int64));

    /// <summary>Classes of some rows, numbered from 0 among them.</summary>
    public int[] Relabel(int[] rows)
    {
        var index = rows.Select(i => Classes[i]).Distinct().Order().Select((c, k) => (c, k)).ToDictionary(p => p.c, p => p.k);
        return [.. rows.Select(i => index[Classes[i]])];
    }

    /// <summary>Scopes of some rows; null: one scope.</summary>
    public int[]? ScopesOf(IEnumerable<int> rows) => Scopes is null ? null : [.. rows.Select(i => Scopes[i])];

    /// <summary>Which classes of some rows, numbered as <see cref="Relabel"/> numbers them, are surely two products; null: all.</summary>
    public ClassScopes? RelationsOf(int[] rows)
    {
        if (Scopes is null)
        {
            return null;
        }

        var (labels, byLabel, index) = (Relabel(rows), new SortedDictionary<int, int>(), new Dictionary<int, int>());
        for (var i = 0; i < rows.Length; i++)
        {
            (byLabel[labels[i]], index[Classes[rows[i]]]) = (Scopes[rows[i]], labels[i]);
        }

        return ClassScopes.Of(
            [.. byLabel.Values],
            Separations.Where(s => index.ContainsKey(s.A) && index.ContainsKey(s.B)).Select(s => (index[s.A], index[s.B])));
    }

    /// <summary>Whether a row is compared with anything.</summary>
    public bool TakesPart(int row) => Scopes is null || Scopes[row] != NoScope;

    public void Dispose() => Features.Dispose();

    private static int FoldOf(LabelledPicture picture, Dictionary<string, int>? foldOf) => picture.Split switch
    {
        LabelledSplit.Distractor => -1,
        _ when foldOf is not null => foldOf[picture.Class],
        LabelledSplit.Validation => 0,
        _ => -1,
    };

    private static (Dictionary<string, int> FoldOf, int Count) DealOut(IEnumerable<LabelledPicture> pictures)
    {
        var classes = pictures.DistinctBy(p => p.Class, StringComparer.Ordinal).ToList();
        var validating = classes.Count(p => p.Split == LabelledSplit.Validation);
        if (validating >= 2 && classes.Count - validating >= 2)
        {
            return (
                classes.ToDictionary(
                    p => p.Class, p => Array.FindIndex(FoldEnds, end => ClassSplit.Byte(p.Label) < end), StringComparer.Ordinal),
                FoldEnds.Length);
        }

        var folds = Math.Clamp(classes.Count / 2, 1, FoldEnds.Length);
        var inTurn = classes.OrderBy(p => p.Set, StringComparer.Ordinal).ThenBy(p => ClassSplit.Byte(p.Label))
            .ThenBy(p => p.Class, StringComparer.Ordinal);
        return (inTurn.Select((p, i) => (p.Class, i)).ToDictionary(c => c.Class, c => c.i % folds, StringComparer.Ordinal), folds);
    }

    private static int SizeOf(LabelledSet set, string name)
    {
        var pictures = set.Pictures.Where(p => p.Set == name).ToList();
        var test = pictures.Count(p => p.Split == LabelledSplit.Test);
        return test == 0 ? pictures.Count : test + pictures.Count(p => p.Split == LabelledSplit.Distractor);
    }
}
