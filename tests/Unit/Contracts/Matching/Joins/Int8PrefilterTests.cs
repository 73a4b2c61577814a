using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;
using CpfPipeline.Matching.Kernels;
using CpfPipeline.Tests.Unit.Contracts.Matching.Samples;
using Xunit;
using static CpfPipeline.Tests.Unit.Contracts.Matching.Samples.PairRows;

namespace CpfPipeline.Tests.Unit.Contracts.Matching.Joins;

/// <summary>When the int8 kernel leaves a block to float.</summary>
public sealed class Int8PrefilterTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Accept_Int8WastesTooMuch_LeavesTheBlockToFloat(int threads)
    {
        NeedsInt8();

        // All similarities are close to 1, as of one cluster, so that int8 cannot tell them from tau; few reach it, so that nearly all are
        // let through for nothing.
        var rows = TestEmbeddings.Random(700, 60, 1, .02, 7);
        var all = Naive(rows, rows, -20).Where(pair => pair.Item1 < pair.Item2).ToArray();
        var tau = all.Select(pair => pair.Item3).OrderDescending().ElementAt(all.Length / 200);
        var expected = all.Where(pair => pair.Item3 >= tau).ToArray();
        Assert.InRange(expected.Length, 1_000, all.Length / 100);
        var prefilter = new Int8Prefilter(rows, threads);
        var pairs = new List<(int, int, double)>();
        new BlockJoin(rows, tau, null, _ => prefilter)
            .Accept(rows, triangle: true, (i, j, s) => pairs.Add((i, j, s)), CancellationToken.None);
        Assert.Equal(expected, pairs.Order());
        Assert.Equal((1, 1), prefilter.Pieces);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Accept_GiantOfWhichFewAreKept_LeavesAllButTheFirstRowsToFloat(int threads)
    {
        NeedsInt8();

        // All reach tau and are known; int8 cannot tell the few to keep from the others.
        var all = TestEmbeddings.Random(4_400, 60, 1, .02, 7);
        var (left, right) = (new EmbeddingMatrix(60), new EmbeddingMatrix(60));
        for (var row = 0; row < all.Count; row++)
        {
            (row < 100 ? left : right).Add(row, all.Row(row));
        }

        var prefilter = new Int8Prefilter(left, threads);
        var nearest = new NearestNeighbours(left.Count, 5, .8);
        new BlockJoin(left, .8, nearest, _ => prefilter).Accept(right, (_, _, _) => { }, (_, _) => true, CancellationToken.None);
        Assert.Equal((4, 3), prefilter.Pieces); // 1,024, as many, twice as many, the rest.
        for (var row = 0; row < left.Count; row++)
        {
            var expected = Enumerable.Range(0, right.Count)
                .Select(other => new Neighbour(right.ContentId(other), Similarity.Exact(left.Row(row), right.Row(other))))
                .OrderByDescending(neighbour => neighbour.Similarity).ThenBy(neighbour => neighbour.ContentId).Take(5);
            Assert.Equal(expected, nearest.Of(row).ToArray());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Accept_FewCandidatesOrWorthyOnes_StaysWithInt8(int threads)
    {
        NeedsInt8();
        var rows = TestEmbeddings.Random(700, 60, 1, .02, 7);
        var dense = new Int8Prefilter(rows, threads); // Everything is let through and nothing for nothing.
        var count = 0;
        new BlockJoin(rows, .9, null, _ => dense).Accept(rows, triangle: true, (_, _, _) => count++, CancellationToken.None);
        Assert.Equal((1, 0), dense.Pieces);
        Assert.Equal(700 * 699 / 2, count);

        rows = TestEmbeddings.Random(700, 256, 200, .5, 7);
        var sparse = new Int8Prefilter(rows, threads);
        new BlockJoin(rows, .6, null, _ => sparse).Accept(rows, triangle: true, (_, _, _) => { }, CancellationToken.None);
        Assert.Equal((1, 0), sparse.Pieces);
    }

    private static void NeedsInt8() => Assert.SkipUnless(Int8Kernel.IsSupported, "AVX2 is missing");
}
