using CpfPipeline.Matching.Embeddings;

namespace CpfPipeline.Tests.Benchmarks.Matching;

/// <summary>Unit rows in all directions; of every ten, three are one cluster with similarities of .6 to .86.</summary>
internal static class ClusteredRows
{
    public const int Dimension = 256;

    /// <summary>Threshold of the pairs.</summary>
    public const double Tau = .6;

    /// <summary>The same rows for the same seed; content ids 0, 1, ...</summary>
    public static EmbeddingMatrix Make(int count, int seed)
    {
        var random = new Random(seed);
        var rows = new EmbeddingMatrix(Dimension, count);
        var (centre, values, row) = (new double[Dimension], new double[Dimension], new Half[Dimension]);
        var spread = 0.0;
        for (var i = 0; i < count; i++)
        {
            var clustered = i % 10 < 3;
            if (i % 10 == 0)
            {
                spread = .4 + (.4 * random.NextDouble());
                Fill(centre, random);
            }

            Fill(values, random);
            var norm = 0.0;
            for (var k = 0; k < Dimension; k++)
            {
                values[k] = clustered ? centre[k] + (spread * values[k]) : values[k];
                norm += values[k] * values[k];
            }

            for (var k = 0; k < Dimension; k++)
            {
                row[k] = (Half)(values[k] / Math.Sqrt(norm));
            }

            rows.Add(i, row);
        }

        return rows;
    }

    // Gaussian, so that directions are uniform.
    private static void Fill(double[] values, Random random)
    {
        for (var k = 0; k < values.Length; k += 2)
        {
            var (radius, angle) = (Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())), 2 * Math.PI * random.NextDouble());
            (values[k], values[k + 1]) = (radius * Math.Cos(angle), radius * Math.Sin(angle));
        }
    }
}
