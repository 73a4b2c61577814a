using CpfPipeline.Matching.Embeddings;
using CsCheck;

namespace CpfPipeline.Tests.Unit.Contracts.Matching.Samples;

/// <summary>Embeddings and cases for the tests of this folder.</summary>
internal static class TestEmbeddings
{
    /// <summary>Contents whose similarities tie all the time: few different values, many of them equal or orthogonal.</summary>
    public static readonly Gen<MatchingCase> Ties =
        from count in Gen.Int[1, 12]
        from dimension in Gen.Int[1, 5]
        from values in OneOf(0f, 0f, .25f, -.25f, .5f, -.5f, 1f).Array[count * dimension]
        from tau in OneOf(0.0, .0625, .125, .25, .1875, .375, .5, 1.0 / 3, -.125, 1)
        from ids in Ids(count)
        from same in Verdicts(ids, 3)
        from different in Verdicts(ids, 5)
        select new MatchingCase(Rows(ids, dimension, k => (Half)values[k]), tau, same, different);

    /// <summary>Contents around a few centres, as embeddings are.</summary>
    public static readonly Gen<MatchingCase> Clouds =
        from count in Gen.Int[1, 24]
        from dimension in Gen.Int[2, 40]
        from centres in Gen.Int[1, 4]
        from spread in Gen.Double[0.05, 1]
        from seed in Gen.Int
        from tau in Gen.Double[0.2, 0.95]
        from ids in Ids(count)
        from same in Verdicts(ids, 4)
        from different in Verdicts(ids, 8)
        select new MatchingCase(Cloud(ids, dimension, centres, spread, new Random(seed)), tau, same, different);

    public static EmbeddingMatrix Matrix(IEnumerable<KeyValuePair<long, Half[]>> rows, int dimension)
    {
        var matrix = new EmbeddingMatrix(dimension);
        foreach (var (id, row) in rows)
        {
            matrix.Add(id, row);
        }

        return matrix;
    }

    /// <summary>Unit rows around random centres; content ids 0, 1, ...</summary>
    public static EmbeddingMatrix Random(int count, int dimension, int centres, double spread, int seed, long firstId = 0) =>
        Matrix(Cloud([.. Enumerable.Range(0, count).Select(i => firstId + i)], dimension, centres, spread, new Random(seed)), dimension);

    public static Half[] UnitRow(double[] values)
    {
        var norm = Math.Sqrt(values.Sum(value => value * value));
        return [.. values.Select(value => (Half)(norm == 0 ? 0 : value / norm))];
    }

    private static Dictionary<long, Half[]> Cloud(long[] ids, int dimension, int centres, double spread, Random random)
    {
        var middles = Enumerable.Range(0, centres).Select(_ => Noise(dimension, random)).ToArray();
        return ids.ToDictionary(id => id, _ =>
        {
            var (middle, noise) = (middles[random.Next(centres)], Noise(dimension, random));
            return UnitRow([.. middle.Select((value, k) => value + (spread * noise[k]))]);
        });
    }

    private static double[] Noise(int dimension, Random random)
    {
        var values = new double[dimension];
        for (var k = 0; k < dimension; k++)
        {
            values[k] = (2 * random.NextDouble()) - 1;
        }

        return values;
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static Gen<long[]> Ids(int count) =>
        Gen.OneOf(Gen.Long[0, 2L * count], Gen.Long[0, long.MaxValue]).HashSet[count].Select(set => set.ToArray());

    /// <summary>Pairs of contents, now and then of one that is no member.</summary>
    private static Gen<(long, long)[]> Verdicts(long[] ids, int most) =>
        Gen.Select(Gen.Int[-1, ids.Length - 1], Gen.Int[0, ids.Length - 1])
            .Select((a, b) => (a < 0 ? -7 : ids[a], ids[b])).Array[0, most];

    private static Dictionary<long, Half[]> Rows(long[] ids, int dimension, Func<int, Half> value) =>
        ids.Select((id, row) => (id, row)).ToDictionary(
            pair => pair.id, pair => Enumerable.Range(0, dimension).Select(k => value((pair.row * dimension) + k)).ToArray());
}
