using CpfPipeline.Matching.Embeddings;

namespace CpfPipeline.Tests.Benchmarks.Matching;

/// <summary>Components of several kinds, in random order.</summary>
internal sealed class GiantVectors
{
    public const int Dimension = 256;

    private readonly Random _random;

    private GiantVectors(int seed) => _random = new Random(seed);

    /// <summary>The kinds and what they are.</summary>
    public static IReadOnlyList<(string Kind, string Meaning, double Tau)> Kinds { get; } =
    [
        ("core", "all around one centre, similarities .83 +- .01: one group", .8),
        ("threshold", "the same at the threshold .832, which half of the pairs reach", .832),
        ("bridged", "cores of 200 around a common centre, and of 50 contents one between two cores", .7),
        ("weak", "classes of ten, soft, along few directions: what a weak model makes", .8),
        ("chain", "each near the one before and no other: many small groups", .8),
    ];

    public static EmbeddingMatrix Make(string kind, int count, int seed) => new GiantVectors(seed).Make(kind, count);

    private EmbeddingMatrix Make(string kind, int count)
    {
        var centre = Direction(_ => 1);
        double[][] rows = kind switch
        {
            "core" or "threshold" => [.. Rows(count, () => Near(centre, .45))],
            "bridged" => Bridged(centre, count),
            "weak" => Weak(centre, count),
            "chain" => Chain(centre, count),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };
        _random.Shuffle(rows);
        var matrix = new EmbeddingMatrix(Dimension, count);
        foreach (var row in rows)
        {
            matrix.Add(_random.NextInt64(long.MaxValue), [.. row.Select(value => (Half)value)]);
        }

        return matrix;
    }

    private double[][] Bridged(double[] centre, int count)
    {
        var cores = Rows(Math.Max(2, count / 200), () => Near(centre, .75)).ToArray();
        double[] Core() => cores[_random.Next(cores.Length)];
        return [.. Rows(count, () => _random.Next(50) > 0 ? Near(Core(), .45) : Sum(Core(), 1, Core()))];
    }

    private double[][] Weak(double[] centre, int count)
    {
        double[] Soft(double[] near, double spread) => Sum(near, spread, Direction(k => 1 / Math.Sqrt(1 + k)));
        var classes = Rows(Math.Max(2, count / 10), () => Soft(centre, .5)).ToArray();
        return [.. Rows(count, () => Soft(classes[_random.Next(classes.Length)], .3))];
    }

    private double[][] Chain(double[] first, int count)
    {
        var rows = new double[count][];
        for (var i = 0; i < count; i++)
        {
            rows[i] = i == 0 ? first : Near(rows[i - 1], .5);
        }

        return rows;
    }

    private static IEnumerable<double[]> Rows(int count, Func<double[]> make) => Enumerable.Range(0, count).Select(_ => make());

    private double[] Near(double[] centre, double spread) => Sum(centre, spread, Direction(_ => 1));

    private static double[] Sum(double[] left, double factor, double[] right) =>
        Unit([.. left.Zip(right, (a, b) => a + (factor * b))]);

    private double[] Direction(Func<int, double> scale) => Unit([.. Enumerable.Range(0, Dimension).Select(k => scale(k) * Normal())]);

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    private static double[] Unit(double[] values)
    {
        var norm = Math.Sqrt(values.Sum(value => value * value));
        return [.. values.Select(value => value / norm)];
    }
}
