using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Tests.Integration.Fixtures;
using Pgvector;
using Xunit;

namespace CpfPipeline.Tests.Integration.Sql;

public sealed class ExactSimilarityTests(TestDatabases databases)
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(256)]
    [InlineData(1024)]
    public async Task ExactSimilarity_RandomPairs_IsTheMatchersToTheLastBit(int dimension)
    {
        await using var database = await databases.CreateAsync(TestContext.Current.CancellationToken);
        var random = new Random(dimension);
        for (var i = 0; i < 50; i++)
        {
            var (a, b) = (Row(random, dimension), Row(random, dimension));

            var similarity = await SqlAsync(database, a, b);

            Assert.Equal(BitConverter.DoubleToInt64Bits(Similarity.Exact(a, b)), BitConverter.DoubleToInt64Bits(similarity));
        }
    }

    [Fact]
    public async Task ExactSimilarity_OneUnitAroundTheThreshold_FallsOnTheSideOfTheMatcher()
    {
        await using var database = await databases.CreateAsync(TestContext.Current.CancellationToken);
        var random = new Random(3);
        var singlePrecisionWouldErr = 0;
        for (var i = 0; i < 50; i++)
        {
            // The last two values add nothing, the smallest step of a sum (2^-48), or take it away.
            var (a, b) = (Row(random, 254), Row(random, 254));
            foreach (var step in new[] { -1, 0, 1 })
            {
                Half[] left = [.. a, Half.Epsilon, (Half)0], right = [.. b, (Half)(step * (float)Half.Epsilon), (Half)0];
                var tau = Similarity.Exact(a, b);

                var similarity = await SqlAsync(database, left, right);
                var single = await database.ScalarAsync<double>("select -($1 <#> $2)", new HalfVector(left), new HalfVector(right));

                Assert.Equal(Similarity.Exact(left, right) >= tau, similarity >= tau);
                Assert.Equal(step >= 0, similarity >= tau);
                singlePrecisionWouldErr += single >= tau == step >= 0 ? 0 : 1;
                Assert.True(Math.Abs(single - similarity) <= await database.ScalarAsync<double>("select cpf.similarity_error(256)"));
            }
        }

        Assert.NotEqual(0, singlePrecisionWouldErr);
    }

    private static Task<double> SqlAsync(TestDatabase database, Half[] a, Half[] b) =>
        database.ScalarAsync<double>("select cpf.exact_similarity($1, $2)", new HalfVector(a), new HalfVector(b));

    private static Half[] Row(Random random, int dimension)
    {
        var values = Enumerable.Range(0, dimension).Select(_ => (2 * random.NextDouble()) - 1).ToArray();
        var norm = Math.Sqrt(values.Sum(v => v * v));
        return [.. values.Select(v => (Half)(v / norm))];
    }
}
