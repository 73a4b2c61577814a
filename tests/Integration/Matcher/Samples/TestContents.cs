namespace CpfPipeline.Tests.Integration.Matcher.Samples;

/// <summary>Embeddings made for tests.</summary>
internal static class TestContents
{
    /// <summary>Contents that show a few products, each product's ones similar to each other and to nothing else.</summary>
    public static (long ContentId, Half[] Embedding)[] Clustered(int seed, int products, int each, int dimension, double noise = 0.02)
    {
        var random = new Random(seed);
        var ids = new HashSet<long>();
        while (ids.Count < products * each)
        {
            ids.Add(random.NextInt64(0, long.MaxValue));
        }

        var centres = Enumerable.Range(0, products).Select(_ => Unit(random, dimension, new double[dimension], 1)).ToArray();
        return [.. ids.Select((id, i) => (id, Unit(random, dimension, centres[i % products], noise).Select(v => (Half)v).ToArray()))];
    }

    private static double[] Unit(Random random, int dimension, double[] around, double noise)
    {
        var values = Enumerable.Range(0, dimension).Select(k => around[k] + (noise * ((2 * random.NextDouble()) - 1))).ToArray();
        var norm = Math.Sqrt(values.Sum(v => v * v));
        return [.. values.Select(v => v / norm)];
    }
}
