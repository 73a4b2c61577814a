using CpfPipeline.Matching.Embeddings;

namespace CpfPipeline.Tests.Benchmarks.Kernels;

/// <summary>Unit rows around random centres, the same for the same seed.</summary>
internal static class RandomEmbeddings
{
    public static EmbeddingMatrix Around(int centres, double spread, int rows, int dimension, int seed, long firstId = 0)
    {
        var random = new Random(seed);
        var middles = new double[centres][];
        for (var i = 0; i < centres; i++)
        {
            middles[i] = Noise(dimension, random);
        }

        var matrix = new EmbeddingMatrix(dimension, rows);
        var row = new Half[dimension];
        for (var i = 0; i < rows; i++)
        {
            var (middle, noise) = (middles[random.Next(centres)], Noise(dimension, random));
            var norm = 0.0;
            for (var k = 0; k < dimension; k++)
            {
                noise[k] = middle[k] + (spread * noise[k]);
                norm += noise[k] * noise[k];
            }

            norm = Math.Sqrt(norm);
            for (var k = 0; k < dimension; k++)
            {
                row[k] = (Half)(noise[k] / norm);
            }

            matrix.Add(firstId + i, row);
        }

        return matrix;
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
}
