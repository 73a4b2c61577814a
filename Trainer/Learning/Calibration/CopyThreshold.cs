using System.Numerics.Tensors;

namespace CpfPipeline.Learning.Calibration;

/// <summary>
/// Measures how well edited copies are told from other pictures at a threshold, at the density of the whole gallery: a query is compared
/// with every picture there is, not with a sample.
/// </summary>
/// <remarks>
/// The pairs stand for a catalogue in which each picture has one edited copy. If k copies were made of each, a pair of a copy weighs 1/k.
/// Right pairs: a query and its copy. Wrong pairs: a query or its copy with any other picture (other copies are left out: they
/// behave as their originals). A pair of one label is neither.
/// </remarks>
internal static class CopyThreshold
{
    // Similarities are counted in steps of 1/20,000 from -1 to 1.
    private const int Steps = 40_000;

    /// <summary>The threshold with the largest F1 of those with at least so much precision; of all, when none has it.</summary>
    /// <inheritdoc cref="Curve"/>
    public static CopyCalibration Choose(IReadOnlyList<GalleryRow> rows, double minPrecision = 0)
    {
        var curve = Curve(rows);
        var precise = curve.Where(c => c.Precision >= minPrecision).ToList();
        return (precise.Count > 0 ? precise : curve).MaxBy(c => c.F1)!;
    }

    /// <summary>What a given threshold does.</summary>
    /// <inheritdoc cref="Curve"/>
    public static CopyCalibration Measure(IReadOnlyList<GalleryRow> rows, double threshold) =>
        Curve(rows).Last(c => c.Threshold >= threshold - 1e-9) with { Threshold = threshold };

    /// <summary>Falling thresholds with what each does.</summary>
    /// <exception cref="ArgumentException">There is no copy among the rows.</exception>
    private static List<CopyCalibration> Curve(IReadOnlyList<GalleryRow> rows)
    {
        var copies = rows.Where(r => r is { IsCopy: true, IsQuery: true }).ToList();
        var originals = rows.Where(r => !r.IsCopy).ToList();
        var queries = originals.Where(r => r.IsQuery).ToList();
        if (copies.Count == 0)
        {
            throw new ArgumentException("no edited copies to measure on", nameof(rows));
        }

        var copyWeight = (double)queries.Count / copies.Count;
        var (right, wrong) = (new long[Steps + 1], new long[Steps + 1]);
        var wrongOriginals = new long[Steps + 1];
        Parallel.ForEach(copies, c => Count(c, originals, right, wrong, _ => true));
        Parallel.ForEach(queries, q => Count(q, originals, null, wrongOriginals, o => !o.IsQuery || o.Picture > q.Picture));

        var result = new List<CopyCalibration>(Steps + 1);
        var (hit, missed, all) = (0.0, 0.0, right.Sum() * copyWeight);
        for (var step = Steps; step >= 0; step--)
        {
            hit += right[step] * copyWeight;
            missed += (wrong[step] * copyWeight) + wrongOriginals[step];
            var at = Math.Round(((double)step / (Steps / 2)) - 1, 5);
            result.Add(new CopyCalibration(
                at, 2 * hit / (hit + missed + all), hit / Math.Max(hit + missed, double.Epsilon), hit / all, queries.Count, copies.Count,
                originals.Count));
        }

        return result;
    }

    private static void Count(
        GalleryRow row, List<GalleryRow> others, long[]? right, long[] wrong, Func<GalleryRow, bool> take)
    {
        foreach (var other in others)
        {
            var same = other.Picture == row.Picture;
            if (!take(other) || (same && right is null) || (!same && row.Label is not null && row.Label == other.Label))
            {
                continue;
            }

            var similarity = TensorPrimitives.Dot<float>(row.Embedding, other.Embedding);
            var step = Math.Clamp((int)((similarity + 1) * (Steps / 2)), 0, Steps);
            Interlocked.Increment(ref (same ? right! : wrong)[step]);
        }
    }
}
