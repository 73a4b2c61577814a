namespace CpfPipeline.Learning.Evaluation;

/// <summary>
/// Intervals by drawing classes with replacement (percentile bootstrap): pictures of a class resemble each other, so classes, not pairs, are what another
/// sample would consist of.
/// </summary>
/// <remarks>
/// A class drawn m times counts its own pairs m times, and its pairs with a class drawn k times m k times. A class never pairs with its double, so
/// E[m k] = (C - 1) / C; pairs of two classes are multiplied by C / (C - 1) to make up for it. Distractors are the same in every round.
/// </remarks>
public static class ClassBootstrap
{
    public const int Rounds = 1_000;
    private const double Tail = .025;

    /// <summary>95 % interval of F1 at the threshold of the counts.</summary>
    public static (double Low, double High) F1Interval(ClassPairCounts counts, int seed, int rounds = Rounds, CancellationToken cancellationToken = default)
    {
        var drawn = new Drawable(counts);
        return Interval(Run(counts.Blocks, seed, rounds, drawn.F1, cancellationToken));
    }

    /// <summary>F1 of a candidate minus F1 of what it would replace, with its 95 % interval; both on the same draws of the same classes.</summary>
    /// <param name="candidate">Pairs at the candidate's threshold.</param>
    /// <param name="active">Pairs at the other's threshold.</param>
    /// <param name="seed">Of the draws.</param>
    /// <param name="rounds">Draws.</param>
    /// <param name="margin">In how many draws the candidate is worse by more than this is counted.</param>
    /// <param name="cancellationToken">Stops between draws.</param>
    /// <exception cref="ArgumentException">The counts are of other classes.</exception>
    public static PairedDifference F1Difference(
        ClassPairCounts candidate, ClassPairCounts active, int seed, int rounds = Rounds, double margin = 0, CancellationToken cancellationToken = default)
    {
        if (candidate.Blocks != active.Blocks || Enumerable.Range(0, active.Blocks).Any(b => candidate.PositivesOf(b) != active.PositivesOf(b)))
        {
            throw new ArgumentException("The two models were measured on different classes or pictures.", nameof(active));
        }

        var (left, right) = (new Drawable(candidate), new Drawable(active));
        var figures = Run(active.Blocks, seed, rounds, m => left.F1(m) - right.F1(m), cancellationToken);
        var (low, high) = Interval(figures);
        return new PairedDifference(FullF1(candidate) - FullF1(active), low, high, (double)figures.Count(d => d < -margin) / Math.Max(1, figures.Length));
    }

    private static double FullF1(ClassPairCounts counts) => F1Of(counts.TruePositives, counts.FalsePositives, counts.Positives);

    private static double[] Run(int blocks, int seed, int rounds, Func<int[], double> figure, CancellationToken cancellationToken)
    {
        var figures = new double[rounds];
        if (blocks == 0)
        {
            return figures;
        }

        // A generator a round: the rounds' order of execution makes no difference.
        Parallel.For(0, rounds, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken }, round =>
        {
            var random = new Random(HashCode(seed, round));
            var multiplicities = new int[blocks];
            for (var i = 0; i < blocks; i++)
            {
                multiplicities[random.Next(blocks)]++;
            }

            figures[round] = figure(multiplicities);
        });
        return figures;
    }

    private static int HashCode(int seed, int round) => unchecked((seed * 1_000_003) + round);

    private static (double Low, double High) Interval(double[] figures)
    {
        Array.Sort(figures);
        return (Quantile(figures, Tail), Quantile(figures, 1 - Tail));
    }

    private static double Quantile(double[] sorted, double share)
    {
        var at = share * (sorted.Length - 1);
        var below = (int)at;
        return below + 1 < sorted.Length ? sorted[below] + ((at - below) * (sorted[below + 1] - sorted[below])) : sorted[below];
    }

    private static double F1Of(double truePositives, double falsePositives, double positives) =>
        truePositives == 0 ? 0 : 2 * truePositives / (truePositives + falsePositives + positives);

    private sealed class Drawable(ClassPairCounts counts)
    {
        private readonly (int A, int B, long Count)[] _cross = [.. counts.Cross()];
        private readonly double _crossScale = counts.Blocks > 1 ? counts.Blocks / (counts.Blocks - 1.0) : 1;

        public double F1(int[] multiplicities)
        {
            var (truePositives, own, positives, cross) = (0L, 0L, 0L, 0L);
            for (var b = 0; b < multiplicities.Length; b++)
            {
                truePositives += multiplicities[b] * counts.TruePositivesOf(b);
                own += multiplicities[b] * counts.OwnFalsePositivesOf(b);
                positives += multiplicities[b] * counts.PositivesOf(b);
            }

            foreach (var (a, b, count) in _cross)
            {
                cross += (long)multiplicities[a] * multiplicities[b] * count;
            }

            return F1Of(truePositives, own + (_crossScale * cross), positives);
        }
    }
}
