using CpfPipeline.Joiner.Devices;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;
using CpfPipeline.Matching.Kernels;
using CpfPipeline.Vision.Products;
using CpfPipeline.Vision.Sessions;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Joiner.Devices;

/// <summary>The join by ONNX Runtime finds what the exact one finds, bit by bit.</summary>
public sealed class DevicePrefilterTests
{
    [Theory]
    [InlineData(ProductType.Float32)]
    [InlineData(ProductType.Float16)]
    public void Accept_ThresholdThatPairsReachExactly_GivesThePairsAndNeighboursOfTheExactJoin(ProductType type) =>
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[1, 260]).Sample(
            (seed, dimension) =>
            {
                var random = new Random(seed);
                var (left, right) = (Rows(random, dimension, 30), new EmbeddingMatrix(dimension));

                // Near a left row, so that many similarities lie where the threshold is; some rows come twice.
                for (var id = 20; id < 70; id++)
                {
                    right.Add(id, Near(random, left.Row(random.Next(left.Count))));
                }

                // The similarity of some pair, or a hair more or less.
                var of = Similarity.Exact(left.Row(random.Next(left.Count)), right.Row(random.Next(right.Count)));
                var tau = random.Next(3) switch { 0 => of, 1 => Math.BitIncrement(of), _ => of - Math.Pow(2, -48) };
                var floor = tau - (0.2 * random.NextDouble());
                using var session = new ProductSession(
                    dimension, new SessionSettings { Provider = ExecutionProviderRequest.Cpu }, type);

                var expected = Join(left, right, tau, floor, rows => BlockJoin.NewPrefilter(rows, 1, PairKernel.Float32));
                var found = Join(left, right, tau, floor, rows => new DevicePrefilter(session, rows));

                Assert.Equal(Naive(left, right, tau), expected.Pairs);
                Assert.Equal(expected.Pairs, found.Pairs);
                for (var row = 0; row < left.Count; row++)
                {
                    Assert.Equal(expected.Nearest.Of(row).ToArray(), found.Nearest.Of(row).ToArray());
                    Assert.Equal(expected.Matches.Of(row).ToArray(), found.Matches.Of(row).ToArray());
                }
            },
            iter: 30);

    [Fact]
    public void Accept_Cancelled_Stops()
    {
        var rows = Rows(new Random(1), 8, 10);
        using var session = new ProductSession(8, new SessionSettings { Provider = ExecutionProviderRequest.Cpu });

        Assert.ThrowsAny<OperationCanceledException>(() => new BlockJoin(rows, 0.5, null, left => new DevicePrefilter(session, left))
            .Accept(rows, (_, _, _) => { }, new CancellationToken(canceled: true)));
    }

    private static (List<(int, int, double)> Pairs, NearestNeighbours Nearest, NearestNeighbours Matches) Join(
        EmbeddingMatrix left, EmbeddingMatrix right, double tau, double floor, Func<EmbeddingMatrix, IPairPrefilter> newPrefilter)
    {
        var (nearest, matches) = (new NearestNeighbours(left.Count, 4, floor), new NearestNeighbours(left.Count, 3, tau));
        var pairs = new List<(int, int, double)>();
        new BlockJoin(left, tau, nearest, newPrefilter, matches).Accept(right, (a, b, similarity) => pairs.Add((a, b, similarity)));
        return ([.. pairs.Order()], nearest, matches);
    }

    private static List<(int, int, double)> Naive(EmbeddingMatrix left, EmbeddingMatrix right, double tau)
    {
        var pairs = new List<(int, int, double)>();
        for (var a = 0; a < left.Count; a++)
        {
            for (var b = 0; b < right.Count; b++)
            {
                var similarity = Similarity.Exact(left.Row(a), right.Row(b));
                if (left.ContentId(a) != right.ContentId(b) && similarity >= tau)
                {
                    pairs.Add((a, b, similarity));
                }
            }
        }

        return pairs;
    }

    private static EmbeddingMatrix Rows(Random random, int dimension, int count)
    {
        var rows = new EmbeddingMatrix(dimension);
        for (var id = 0; id < count; id++)
        {
            rows.Add(id, Near(random, new Half[dimension]));
        }

        return rows;
    }

    // Unit length up to rounding.
    private static Half[] Near(Random random, ReadOnlySpan<Half> centre)
    {
        var values = new double[centre.Length];
        var spread = Math.Pow(10, -3 * random.NextDouble());
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (double)centre[i] + (spread * (random.NextDouble() - 0.5));
        }

        var norm = Math.Sqrt(values.Sum(v => v * v));
        return [.. values.Select(v => (Half)(v / norm))];
    }
}
