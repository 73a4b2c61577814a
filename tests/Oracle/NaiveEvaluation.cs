namespace CpfPipeline.Tests.Oracle;

/// <summary>
/// Figures of a labelled set by plain loops over all pairs. Class -1 is a distractor. Shares no code with what it checks.
/// </summary>
public sealed class NaiveEvaluation
{
    private readonly long[] _ids;
    private readonly Half[][] _rows;
    private readonly int[] _classes;

    public NaiveEvaluation(IReadOnlyList<(long Id, Half[] Row, int Class)> pictures)
    {
        (_ids, _rows, _classes) = ([.. pictures.Select(p => p.Id)], [.. pictures.Select(p => p.Row)], [.. pictures.Select(p => p.Class)]);
        for (var i = 0; i < _ids.Length; i++)
        {
            for (var j = i + 1; j < _ids.Length; j++)
            {
                if (_classes[i] >= 0 || _classes[j] >= 0)
                {
                    Pairs.Add((i, j, Dot(i, j), _classes[i] == _classes[j]));
                }
            }
        }
    }

    /// <summary>All that count: two distractors are no pair.</summary>
    public List<(int A, int B, double Similarity, bool Same)> Pairs { get; } = [];

    public int Positives => Pairs.Count(p => p.Same);

    public int TruePositives(double t) => Pairs.Count(p => p.Same && p.Similarity >= t);

    public int FalsePositives(double t) => Pairs.Count(p => !p.Same && p.Similarity >= t);

    public double F1(double t, double negativeWeight = 1) =>
        TruePositives(t) == 0 ? 0 : 2.0 * TruePositives(t) / (TruePositives(t) + (negativeWeight * FalsePositives(t)) + Positives);

    /// <summary>The best F1 of any threshold, and the highest threshold that has it.</summary>
    public (double F1, double Threshold) Best(double negativeWeight = 1)
    {
        var best = (F1: 0.0, Threshold: 1.0);
        foreach (var t in Pairs.Select(p => p.Similarity).Distinct().OrderDescending())
        {
            best = F1(t, negativeWeight) > best.F1 ? (F1(t, negativeWeight), t) : best;
        }

        return best;
    }

    public double PlateauWidth()
    {
        var on = Pairs.Where(p => p.Same && F1(p.Similarity) >= .95 * Best().F1).Select(p => p.Similarity).ToList();
        return on.Count == 0 ? 0 : on.Max() - on.Min();
    }

    public (double RecallAt1, double MapAtR) Retrieval()
    {
        var (queries, hits, precision) = (0, 0, 0.0);
        for (var q = 0; q < _ids.Length; q++)
        {
            var r = Enumerable.Range(0, _ids.Length).Count(i => i != q && _classes[i] == _classes[q]);
            if (_classes[q] < 0 || r == 0)
            {
                continue;
            }

            var ranked = Enumerable.Range(0, _ids.Length)
                .Where(i => i != q).OrderByDescending(i => Dot(q, i)).ThenBy(i => _ids[i]).Take(r).ToList();
            queries++;
            hits += _classes[ranked[0]] == _classes[q] ? 1 : 0;
            for (var k = 1; k <= r; k++)
            {
                if (_classes[ranked[k - 1]] == _classes[q])
                {
                    precision += (double)ranked.Take(k).Count(i => _classes[i] == _classes[q]) / k / r;
                }
            }
        }

        return queries == 0 ? (0, 0) : ((double)hits / queries, precision / queries);
    }

    public double BcubedF1(double tau)
    {
        var groups = Partition(tau).Groups;
        var members = Enumerable.Range(0, _ids.Length).Where(i => _classes[i] >= 0).ToList();
        if (members.Count == 0)
        {
            return 0;
        }

        int Group(int i) => Enumerable.Range(0, _ids.Length).Count(j => groups[_ids[j]] == groups[_ids[i]]);
        int Both(int i) => members.Count(j => groups[_ids[j]] == groups[_ids[i]] && _classes[j] == _classes[i]);
        int Class(int i) => members.Count(j => _classes[j] == _classes[i]);
        var precision = members.Average(i => (double)Both(i) / Group(i));
        var recall = members.Average(i => (double)Both(i) / Class(i));
        return 2 * precision * recall / (precision + recall);
    }

    public int LargestComponent(double tau) => Partition(tau).Components.Values.CountBy(c => c).Max(c => c.Value);

    public double Opis(int thresholds)
    {
        var negatives = Pairs.Where(p => !p.Same).Select(p => p.Similarity).ToList();
        var classes = _classes.Where(c => c >= 0 && _classes.Count(k => k == c) > 1 && _classes.Any(k => k != c)).Distinct().ToList();
        if (negatives.Count == 0 || classes.Count == 0)
        {
            return 0;
        }

        var (low, high) = (Quantile(negatives, .1), Quantile(negatives, .01));
        return Enumerable.Range(0, thresholds).Average(k =>
        {
            var t = low + ((high - low) * k / (thresholds - 1));
            var utilities = classes.ConvertAll(c =>
            {
                var own = Pairs.Where(p => p.Same && _classes[p.A] == c).ToList();
                var cross = Pairs.Where(p => !p.Same && (_classes[p.A] == c || _classes[p.B] == c)).ToList();
                var sensitivity = (double)own.Count(p => p.Similarity >= t) / own.Count;
                var specificity = (double)cross.Count(p => p.Similarity < t) / cross.Count;
                return sensitivity + specificity == 0 ? 0 : 2 * sensitivity * specificity / (sensitivity + specificity);
            });
            return utilities.Average(u => Math.Pow(u - utilities.Average(), 2));
        });
    }

    /// <summary>The highest multiple of 2^-16 at or above which at least a share of the values lies.</summary>
    private static double Quantile(List<double> values, double share) => values
        .Select(v => Math.Floor(v * 65536) / 65536)
        .Where(step => values.Count(v => v >= step) >= share * values.Count)
        .Max();

    private NaivePartition Partition(double tau) =>
        NaiveMatching.Partition(_ids.Zip(_rows).ToDictionary(p => p.First, p => p.Second), tau, [], []);

    private double Dot(int i, int j)
    {
        var sum = 0.0;
        for (var k = 0; k < _rows[i].Length; k++)
        {
            sum += (double)_rows[i][k] * (double)_rows[j][k];
        }

        return sum;
    }
}
