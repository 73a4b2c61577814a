using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;
using CpfPipeline.Matching.Kernels;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Matching.Samples;

/// <summary>Rows that are hard on a kernel, and the plain loop over them.</summary>
internal static class PairRows
{
    public static List<(int, int, double)> Naive(EmbeddingMatrix left, EmbeddingMatrix right, double tau)
    {
        var pairs = new List<(int, int, double)>();
        for (var i = 0; i < left.Count; i++)
        {
            for (var j = 0; j < right.Count; j++)
            {
                var similarity = Dot(left.Row(i), right.Row(j));
                if (left.ContentId(i) != right.ContentId(j) && similarity >= tau)
                {
                    pairs.Add((i, j, similarity));
                }
            }
        }

        return pairs;
    }

    /// <summary>The pairs that a join reports of rows that come in blocks, in order.</summary>
    public static IEnumerable<(int, int, double)> Streamed(BlockJoin join, EmbeddingMatrix right, int blockRows)
    {
        var pairs = new List<(int, int, double)>();
        var block = new EmbeddingMatrix(right.Dimension);
        for (var start = 0; start < right.Count; start += blockRows)
        {
            block.Clear();
            for (var row = start; row < Math.Min(right.Count, start + blockRows); row++)
            {
                block.Add(right.ContentId(row), right.Row(row));
            }

            var first = start;
            join.Accept(block, (i, j, s) => pairs.Add((i, first + j, s)));
        }

        return pairs.Order();
    }

    /// <summary>Fails unless the neighbours kept of each row are the nearest ones of a plain loop.</summary>
    public static void AssertNearest(
        IEnumerable<(int Left, int Right, double Similarity)> naive, EmbeddingMatrix right, NearestNeighbours kept, int count, int rows)
    {
        var neighbours = naive.ToLookup(pair => pair.Left);
        for (var i = 0; i < rows; i++)
        {
            var expected = neighbours[i].Select(pair => new Neighbour(right.ContentId(pair.Right), pair.Similarity))
                .OrderByDescending(neighbour => neighbour.Similarity).ThenBy(neighbour => neighbour.ContentId).Take(count);
            Assert.Equal(expected, kept.Of(i).ToArray());
        }
    }

    // Exact in double, see Similarity.
    public static double Dot(ReadOnlySpan<Half> left, ReadOnlySpan<Half> right)
    {
        var sum = 0.0;
        for (var k = 0; k < left.Length; k++)
        {
            sum += (double)left[k] * (double)right[k];
        }

        return sum;
    }

    // Spiked and constant rows in turn: 0 and 1 of norms near 1, 2 and 3 of very different norms; then the same with signs.
    public static EmbeddingMatrix Adversarial()
    {
        const int Dimension = 301;
        var rows = new EmbeddingMatrix(Dimension);
        var random = new Random(11);
        var signs = Enumerable.Range(0, Dimension).Select(_ => random.Next(2) == 0 ? -1 : 1).ToArray();
        foreach (var signed in new[] { false, true })
        {
            Add(k => k == 0 ? .9 : .9 * .49 / QuantisedRow.Largest);
            Add(k => k == 0 ? 0 : .05);
            Add(k => k == 0 ? 3.2 : 3.2 * .49 / QuantisedRow.Largest);
            Add(k => k == 0 ? 0 : .0001);

            void Add(Func<int, double> value)
            {
                var row = new Half[Dimension];
                for (var k = 0; k < Dimension; k++)
                {
                    row[k] = (Half)(value(k) * (signed ? signs[k] : 1));
                }

                rows.Add(rows.Count, row);
            }
        }

        return rows;
    }

    public static EmbeddingMatrix Copy(EmbeddingMatrix rows, long firstId)
    {
        var copy = new EmbeddingMatrix(rows.Dimension);
        for (var i = 0; i < rows.Count; i++)
        {
            copy.Add(rows.ContentId(i) + firstId, rows.Row(i));
        }

        return copy;
    }

    // Rows of every kind that a matrix accepts: random ones, near copies, duplicates, opposites, zeros, subnormals, spikes and all norms up
    // to 4.
    public static EmbeddingMatrix Mixed(int count, int dimension, int seed, long firstId = 0)
    {
        var random = new Random(seed);
        var centre = Enumerable.Range(0, dimension).Select(_ => random.NextDouble() - .5).ToArray();
        var rows = new EmbeddingMatrix(dimension);
        var row = new Half[dimension];
        for (var i = 0; i < count; i++)
        {
            var kind = random.Next(9);
            var spread = kind == 0 ? .05 : .8;
            var values = centre.Select(c => c + (spread * (random.NextDouble() - .5))).ToArray();
            var norm = kind == 1 ? 3.99 * random.NextDouble() : 1;
            var length = Math.Sqrt(values.Sum(v => v * v)) + 1e-9;
            for (var k = 0; k < dimension; k++)
            {
                row[k] = kind switch
                {
                    2 when i > 0 => rows.Row(i / 2)[k],
                    3 when i > 0 => -rows.Row(i / 2)[k],
                    4 => Half.Zero,
                    5 => (Half)(random.Next(-3, 4) * (1.0 / (1 << 24))),
                    6 => (Half)(k == i % dimension ? 3.9 : random.NextDouble() * .02),
                    7 => (Half)((random.Next(3) - 1) * .25 / Math.Sqrt(dimension)),
                    _ => (Half)(norm * values[k] / length),
                };
            }

            if (Dot(row, row) > 16)
            {
                Array.Clear(row);
            }

            rows.Add(firstId + i, row);
        }

        return rows;
    }
}
