using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;
using CpfPipeline.Matching.Kernels;
using CpfPipeline.Tests.Oracle;
using CpfPipeline.Tests.Unit.Contracts.Matching.Samples;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Matching.Joins;

public sealed class PairJoinTests
{
    [Fact]
    public void Join_AnyShape_EqualsNaiveLoop() =>
        Gen.Select(Gen.Int[0, 90], Gen.Int[0, 90], Gen.Int[1, 70], Gen.Double[-.2, .95], Gen.Int[1, 3], Gen.Int)
            .Sample((left, right, dimension, tau, threads, seed) =>
        {
            var a = TestEmbeddings.Random(left, dimension, 3, .6, seed);
            var b = TestEmbeddings.Random(right, dimension, 3, .6, seed, firstId: 40);
            var actual = new List<(int, int, double)>();
            PairJoin.Join(a, b, tau, (i, j, s) => actual.Add((i, j, s)), threads);
            Assert.Equal(Naive(a, b, tau), actual.Order());
        }, iter: 80);

    [Fact]
    public void SelfJoin_AnyShape_EqualsNaiveLoop() =>
        Gen.Select(Gen.Int[0, 110], Gen.Int[1, 70], Gen.Double[-.2, .95], Gen.Int[1, 3], Gen.Int)
            .Sample((rows, dimension, tau, threads, seed) =>
        {
            var matrix = TestEmbeddings.Random(rows, dimension, 3, .6, seed);
            var actual = new List<(int, int, double)>();
            PairJoin.SelfJoin(matrix, tau, (i, j, s) => actual.Add((i, j, s)), threads);
            Assert.Equal(Naive(matrix, matrix, tau).Where(pair => pair.Item1 < pair.Item2), actual.Order());
        }, iter: 60);

    [Fact]
    public void SelfJoin_SeveralBlocks_EqualsNaiveLoop()
    {
        // 1600 values a row: 2621 rows a block.
        var matrix = TestEmbeddings.Random(2700, 1600, 400, .3, 5);
        var actual = new HashSet<(int, int)>();
        PairJoin.SelfJoin(matrix, .8, (i, j, _) => Assert.True(actual.Add((i, j))));
        var step = 97;
        for (var i = 0; i < matrix.Count; i += step)
        {
            for (var j = i + 1; j < matrix.Count; j++)
            {
                Assert.Equal(Similarity.Exact(matrix.Row(i), matrix.Row(j)) >= .8, actual.Contains((i, j)));
            }
        }
    }

    [Fact]
    public void Join_PairsWithinTheFloatError_AreDecidedExactly()
    {
        // tau is put on, just above and just below each of many exact similarities: float alone cannot tell these apart.
        var a = TestEmbeddings.Random(40, 300, 2, .4, 21);
        var b = TestEmbeddings.Random(40, 300, 2, .4, 21, firstId: 100);
        var similarities = Naive(a, b, -2).Select(pair => pair.Item3).ToArray();
        foreach (var similarity in similarities.Where((_, i) => i % 61 == 0))
        {
            foreach (var tau in new[] { similarity, Math.BitIncrement(similarity), Math.BitDecrement(similarity), similarity
                + 1e-7, similarity - 1e-7 })
            {
                var count = 0;
                PairJoin.Join(a, b, tau, (_, _, _) => count++);
                Assert.Equal(similarities.Count(s => s >= tau), count);
            }
        }
    }

    [Fact]
    public void Multiply_RandomTiles_StayWithinTheBound() => Gen.Select(Gen.Int[1, 500], Gen.Int).Sample((dimension, seed) =>
    {
        var rows = TestEmbeddings.Random(TileKernel.PanelRows + TileKernel.StripRows, dimension, 2, .5, seed);
        var (panel, strip) = (new float[dimension * TileKernel.PanelRows], new float[dimension * TileKernel.StripRows]);
        for (var k = 0; k < dimension; k++)
        {
            for (var row = 0; row < rows.Count; row++)
            {
                if (row < TileKernel.PanelRows)
                {
                    panel[(k * TileKernel.PanelRows) + row] = (float)rows.Row(row)[k];
                }
                else
                {
                    strip[(k * TileKernel.StripRows) + row - TileKernel.PanelRows] = (float)rows.Row(row)[k];
                }
            }
        }

        var thresholds = Enumerable.Repeat(-5f, TileKernel.PanelRows).ToArray();
        var products = new float[TileKernel.PanelRows * TileKernel.StripRows];
        Assert.True(TileKernel.Multiply(panel, strip, dimension, thresholds, products));
        var bound = FloatBound.Of(dimension, rows.LargestSquaredNorm, rows.LargestSquaredNorm);
        for (var i = 0; i < TileKernel.PanelRows; i++)
        {
            for (var j = 0; j < TileKernel.StripRows; j++)
            {
                Assert.InRange(products[(i * TileKernel.StripRows) + j] - Similarity.Exact(rows.Row(i), rows.Row(TileKernel.PanelRows + j)),
                    -bound, bound);
            }
        }
    }, iter: 60);

    [Fact]
    public void Multiply256_AnyTile_EqualsMultiply512() => Gen.Select(Gen.Int[1, 300], Gen.Int).Sample((depth, seed) =>
    {
        // The path of machines without 512-bit registers, checked on every machine: 6 x 16 tiles.
        var random = new Random(seed);
        var panel = Enumerable.Range(0, depth * 6).Select(_ => (random.Next(65) - 32) / 32f).ToArray();
        var strip = Enumerable.Range(0, depth * 16).Select(_ => (random.Next(65) - 32) / 32f).ToArray();
        var products = new float[6 * 16];
        TileKernel.Multiply256(
            ref panel[0], ref strip[0], depth, ref Enumerable.Repeat(float.NegativeInfinity, 6).ToArray()[0], ref products[0]);
        for (var i = 0; i < 6; i++)
        {
            for (var j = 0; j < 16; j++)
            {
                Assert.Equal(Enumerable.Range(0, depth).Sum(k => panel[(k * 6) + i] * strip[(k * 16) + j]), products[(i * 16) + j]);
            }
        }
    }, iter: 50);

    [Fact]
    public void Accept_StreamedBlocks_PairsAndNeighboursEqualNaive() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 120], Gen.Int[1, 9], Gen.Int[1, 50], Gen.Int[1, 3], Gen.Int)
            .Sample((left, right, k, blockRows, threads, seed) =>
        {
            // Few dimensions and half of the right contents are the left ones: many equal similarities, and selves to skip. The wide spread
            // puts neighbours on both sides of tau.
            var spread = seed % 2 == 0 ? .02 : 1;
            var a = TestEmbeddings.Random(left, 3, 2, spread, seed);
            var b = TestEmbeddings.Random(right, 3, 2, spread, seed, firstId: left / 2);
            var nearest = new NearestNeighbours(left, k, .3);
            var join = new BlockJoin(a, .9, nearest, threads);
            Assert.Equal(Naive(a, b, .9), PairRows.Streamed(join, b, blockRows));
            PairRows.AssertNearest(Naive(a, b, .3), b, nearest, k, left);
        }, iter: 40);

    [Fact]
    public void Join_SinkThrows_ItsExceptionReachesTheCaller()
    {
        var matrix = TestEmbeddings.Random(200, 8, 1, .1, 3);
        Assert.Throws<InvalidOperationException>(() =>
            PairJoin.SelfJoin(matrix, .1, (_, _, _) => throw new InvalidOperationException(), 2));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Join_Cancelled_Throws(int threads)
    {
        using var source = new CancellationTokenSource();
        var matrix = TestEmbeddings.Random(600, 8, 1, .1, 3);
        Assert.ThrowsAny<OperationCanceledException>(() =>
            PairJoin.SelfJoin(matrix, .1, (_, _, _) => source.Cancel(), threads, cancellationToken: source.Token));
    }

    private static List<(int, int, double)> Naive(EmbeddingMatrix left, EmbeddingMatrix right, double tau)
    {
        var pairs = new List<(int, int, double)>();
        for (var i = 0; i < left.Count; i++)
        {
            for (var j = 0; j < right.Count; j++)
            {
                var same = ReferenceEquals(left, right) ? i == j : left.ContentId(i) == right.ContentId(j);
                if (!same && NaiveMatching.Reaches(NaiveMatching.Similarity(left.Row(i), right.Row(j)), 1, tau))
                {
                    pairs.Add((i, j, NaiveMatching.Quotient(NaiveMatching.Similarity(left.Row(i), right.Row(j)), 1)));
                }
            }
        }

        return pairs;
    }

    [Fact]
    public void Accept_KnownPairs_AreNotReportedAndNeighboursStayTheSame() =>
        Gen.Select(Gen.Int[1, 70], Gen.Int[1, 3], Gen.Int[2, 7], Gen.Int).Sample((count, threads, every, seed) =>
        {
            var rows = TestEmbeddings.Random(count, 9, 3, .6, seed);
            bool Known(int left, int right) => (left + right) % every == 0;
            List<(int, int)> Reported(Func<int, int, bool>? known, NearestNeighbours? nearest, NearestNeighbours? matches)
            {
                var pairs = new List<(int, int)>();
                new BlockJoin(rows, .3, nearest, threads, matches: matches)
                    .Accept(rows, (i, j, _) => pairs.Add((i, j)), known, TestContext.Current.CancellationToken);
                pairs.Sort();
                return pairs;
            }

            var (nearest, matches) = (new NearestNeighbours(rows.Count, 3, .1), new NearestNeighbours(rows.Count, 2, .3));
            var all = Reported(null, null, null);
            Assert.Equal(all, Reported(null, nearest, matches));
            Assert.Equal(all.Where(p => !Known(p.Item1, p.Item2)), Reported(Known, null, null));

            var (nearestOfNew, matchesOfNew) = (new NearestNeighbours(rows.Count, 3, .1), new NearestNeighbours(rows.Count, 2, .3));
            Assert.Equal(all.Where(p => !Known(p.Item1, p.Item2)), Reported(Known, nearestOfNew, matchesOfNew));
            for (var row = 0; row < rows.Count; row++)
            {
                Assert.Equal(nearest.Of(row).ToArray(), nearestOfNew.Of(row).ToArray());
                Assert.Equal(matches.Of(row).ToArray(), matchesOfNew.Of(row).ToArray());
                Assert.Equal(nearest.Of(row).ToArray().Where(n => n.Similarity >= .3).Take(2), matches.Of(row).ToArray());
            }
        }, iter: 60);

    [Theory]
    [InlineData(1, PairKernel.Float32)]
    [InlineData(3, PairKernel.Float32)]
    [InlineData(2, PairKernel.Fastest)]
    public void Accept_KnownCore_ReportsTheOtherPairsAndNeighboursStayTheSame(int threads, PairKernel kernel)
    {
        // The core grows while the join runs, as a component does.
        var rows = TestEmbeddings.Random(1_200, 24, 2, .4, 1);
        var (left, right) = (new EmbeddingMatrix(24), new EmbeddingMatrix(24));
        for (var row = 0; row < rows.Count; row++)
        {
            (row < 500 ? left : right).Add(row, rows.Row(row));
        }

        var grown = 0;
        bool Left(int row) => row % 3 > 0;
        bool Right(int row) => row % 5 > 0 && Volatile.Read(ref grown) > 0;
        List<(int, int)> Reported(NearestNeighbours nearest, NearestNeighbours matches, KnownCore? core)
        {
            var pairs = new List<(int, int)>();
            Func<int, int, bool>? known = core is null ? null : (l, r) => Left(l) && Right(r);
            new BlockJoin(left, .5, nearest, threads, kernel, matches).Accept(
                right,
                (l, r, _) =>
                {
                    pairs.Add((l, r));
                    Volatile.Write(ref grown, 1);
                },
                known, core, TestContext.Current.CancellationToken);
            pairs.Sort();
            return pairs;
        }

        var (nearest, matches) = (new NearestNeighbours(left.Count, 3, .1), new NearestNeighbours(left.Count, 20, .5));
        var (nearestOfNew, matchesOfNew) = (new NearestNeighbours(left.Count, 3, .1), new NearestNeighbours(left.Count, 20, .5));
        var all = Reported(nearest, matches, null);
        grown = 0;
        var some = Reported(nearestOfNew, matchesOfNew, new KnownCore(Left, Right));
        Assert.Equal(
            all.Where(pair => !(Left(pair.Item1) && Right(pair.Item2))), some.Where(pair => !(Left(pair.Item1) && Right(pair.Item2))));
        Assert.InRange(some.Count, 1, all.Count * 9 / 10);
        for (var row = 0; row < left.Count; row++)
        {
            Assert.Equal(nearest.Of(row).ToArray(), nearestOfNew.Of(row).ToArray());
            Assert.Equal(matches.Of(row).ToArray(), matchesOfNew.Of(row).ToArray());
        }
    }
}
