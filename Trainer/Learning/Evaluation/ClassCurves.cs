namespace CpfPipeline.Learning.Evaluation;

/// <summary>Pairs of each class at or above thresholds of a grid, over the range of a <see cref="PairCurve"/>.</summary>
public sealed class ClassCurves
{
    public const int Thresholds = 256;

    private readonly int[,] _truePositives;
    private readonly int[,] _falsePositives;
    private readonly int[,] _galleryFalsePositives;
    private readonly double _low;
    private readonly double _step;

    private ClassCurves(int classes, PairCurve curve)
    {
        (_truePositives, _falsePositives, _galleryFalsePositives) =
            (new int[classes, Thresholds], new int[classes, Thresholds], new int[classes, Thresholds]);
        var (low, high) = curve.Count == 0 ? (0.0, 1.0) : (curve.Threshold(curve.Count - 1), curve.Threshold(0));
        (_low, _step) = (low, (high - low) / (Thresholds - 1));
    }

    public int ClassCount => _truePositives.GetLength(0);

    /// <summary>Rising, from the lowest threshold of the curve to the highest.</summary>
    public double Threshold(int index) => index == 0 ? _low : _low + (index * _step);

    public int TruePositives(int ofClass, int index) => _truePositives[ofClass, index];

    /// <summary>With members of other classes; such a pair counts in both classes.</summary>
    public int FalsePositives(int ofClass, int index) => _falsePositives[ofClass, index];

    /// <summary>With distractors.</summary>
    public int GalleryFalsePositives(int ofClass, int index) => _galleryFalsePositives[ofClass, index];

    /// <summary>The threshold of the grid at which the class alone would have its best F1; of equals the highest.</summary>
    /// <param name="ofClass">A class.</param>
    /// <param name="positives">All pairs of the class, at least 1.</param>
    public double BestThreshold(int ofClass, long positives)
    {
        var (best, bestF1) = (Thresholds - 1, -1.0);
        for (var i = Thresholds - 1; i >= 0; i--)
        {
            double right = TruePositives(ofClass, i), wrong = (double)FalsePositives(ofClass, i) + GalleryFalsePositives(ofClass, i);
            var f1 = 2 * right / (right + wrong + positives);
            (best, bestF1) = f1 > bestF1 ? (i, f1) : (best, bestF1);
        }

        return Threshold(best);
    }

    public static ClassCurves Measure(EvaluationSet set, PairCurve curve, CancellationToken cancellationToken = default)
    {
        var curves = new ClassCurves(set.MembersByClass.Count, curve);
        set.Join(curves._low, (a, b, similarity) =>
        {
            var at = curves.Index(similarity);
            if (set.Classes[a] == set.Classes[b])
            {
                curves._truePositives[set.Classes[a], at]++;
            }
            else
            {
                curves._falsePositives[set.Classes[a], at]++;
                curves._falsePositives[set.Classes[b], at]++;
            }
        }, (a, _, similarity) => curves._galleryFalsePositives[set.Classes[a], curves.Index(similarity)]++, cancellationToken);
        foreach (var counts in new[] { curves._truePositives, curves._falsePositives, curves._galleryFalsePositives })
        {
            for (var c = 0; c < curves.ClassCount; c++)
            {
                for (var i = Thresholds - 2; i >= 0; i--)
                {
                    counts[c, i] += counts[c, i + 1];
                }
            }
        }

        return curves;
    }

    /// <summary>The highest threshold of the grid that a similarity reaches.</summary>
    private int Index(double similarity)
    {
        var index = _step == 0 ? Thresholds - 1 : Math.Clamp((int)((similarity - _low) / _step), 0, Thresholds - 1);

        // The division may round across a threshold; the comparison decides.
        return similarity < Threshold(index) ? index - 1 : index + 1 < Thresholds && similarity >= Threshold(index + 1) ? index + 1 : index;
    }
}
