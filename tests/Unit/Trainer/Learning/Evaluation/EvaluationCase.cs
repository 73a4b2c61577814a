using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Tests.Oracle;
using CsCheck;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Evaluation;

/// <summary>A small labelled set; class -1 is a distractor.</summary>
internal sealed record EvaluationCase(IReadOnlyList<(long Id, Half[] Row, int Class)> Pictures)
{
    /// <summary>Similarities that tie all the time, classes of any size, distractors and singletons.</summary>
    public static readonly Gen<EvaluationCase> Ties =
        from count in Gen.Int[1, 14]
        from values in Gen.Int[-2, 2].Array[count * 3]
        from classes in Gen.Int[-1, 3].Array[count]
        from ids in Gen.Long[0, 60].HashSet[count]
        select Make([.. ids], classes, (row, k) => values[(row * 3) + k] / 4.0);

    /// <summary>Classes that are clouds around centres, some of them close together.</summary>
    public static readonly Gen<EvaluationCase> Clouds =
        from count in Gen.Int[2, 40]
        from classes in Gen.Int[-1, 6].Array[count]
        from spread in Gen.Double[.05, 1.2]
        from seed in Gen.Int[0, int.MaxValue]
        select Cloud(classes, spread, seed, 8);

    public static readonly Gen<EvaluationCase> Any = Gen.OneOf(Ties, Clouds);

    public EvaluationSet Set => EvaluationSet.Of(Matrix, [.. Pictures.Select(p => p.Class)]);

    public NaiveEvaluation Naive => new(Pictures);

    public IReadOnlyList<string> Labels => [.. Enumerable.Range(0, Math.Max(0, Pictures.Max(p => p.Class) + 1)).Select(c => $"c{c}")];

    private EmbeddingMatrix Matrix
    {
        get
        {
            var matrix = new EmbeddingMatrix(Pictures[0].Row.Length);
            foreach (var (id, row, _) in Pictures)
            {
                matrix.Add(id, row);
            }

            return matrix;
        }
    }

    public static EvaluationCase Cloud(int[] classes, double spread, int seed, int dimension)
    {
        var random = new Random(seed);
        double Noise() => (2 * random.NextDouble()) - 1;
        var centres = Enumerable.Range(0, 99).Select(_ => Enumerable.Range(0, dimension).Select(_ => Noise()).ToArray()).ToArray();
        var rows = classes.Select(c =>
        {
            var centre = c < 0 ? centres[random.Next(98)] : centres[c % 99];
            var row = centre.Select(v => v + (spread * Noise())).ToArray();
            var norm = Math.Sqrt(row.Sum(v => v * v));
            return row.Select(v => v / norm).ToArray();
        }).ToArray();
        return Make([.. Enumerable.Range(0, classes.Length).Select(i => (long)i)], classes, (row, k) => rows[row][k], dimension);
    }

    /// <summary>Pictures in the plane, by their angles in degrees.</summary>
    public static EvaluationCase Angles(params (int Class, double Degrees)[] pictures) => Make(
        [.. Enumerable.Range(0, pictures.Length).Select(i => (long)i)], [.. pictures.Select(p => p.Class)],
        (row, k) => k == 0 ? Math.Cos(pictures[row].Degrees * Math.PI / 180) : Math.Sin(pictures[row].Degrees * Math.PI / 180), 2);

    public EvaluationCase Shuffled(int seed)
    {
        var pictures = Pictures.ToArray();
        new Random(seed).Shuffle(pictures);
        return new EvaluationCase(pictures);
    }

    public override string ToString() => string.Join("; ", Pictures.Select(p => $"{p.Id} class {p.Class}: {string.Join(' ', p.Row)}"));

    private static EvaluationCase Make(long[] ids, int[] classes, Func<int, int, double> value, int dimension = 3) =>
        new([.. classes.Select((c, row) => (ids[row], Enumerable.Range(0, dimension).Select(k => (Half)value(row, k)).ToArray(), c))]);
}
