using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;
using CpfPipeline.Matching.Kernels;
using CpfPipeline.Tests.Unit.Contracts.Matching.Joins;
using CpfPipeline.Tests.Unit.Contracts.Matching.Samples;
using CsCheck;
using Xunit;
using static CpfPipeline.Tests.Unit.Contracts.Matching.Samples.PairRows;

namespace CpfPipeline.Tests.Unit.Contracts.Matching.Kernels;

/// <summary>
/// Every kernel gives the pairs of the plain loop; the int8 kernel is kept from leaving a block to float, see
/// <see cref="Int8PrefilterTests"/>.
/// </summary>
public sealed class PairKernelTests
{
    public static TheoryData<PairKernel> Kernels => Int8Kernel.IsSupported ? [PairKernel.Float32, PairKernel.Int8] : [PairKernel.Float32];

    [Fact]
    public void Kernel_ByDefault_IsTheFastestOfTheMachine()
    {
        var rows = TestEmbeddings.Random(3, 8, 1, .1, 1);
        Assert.Equal(Int8Kernel.IsSupported ? PairKernel.Int8 : PairKernel.Float32, new BlockJoin(rows, .5).Kernel);
        Assert.Equal(PairKernel.Float32, new BlockJoin(rows, .5, kernel: PairKernel.Float32).Kernel);
        if (Int8Kernel.IsSupported)
        {
            Assert.Equal(PairKernel.Int8, new BlockJoin(rows, .5, kernel: PairKernel.Int8).Kernel);
        }
        else
        {
            Assert.Throws<PlatformNotSupportedException>(() => new BlockJoin(rows, .5, kernel: PairKernel.Int8));
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Join_AnyRows_EqualsNaiveLoop(PairKernel kernel) =>
        Gen.Select(Gen.Int[0, 90], Gen.Int[0, 90], Gen.Int[1, 150], Gen.Double[-.3, 1.1], Gen.Int[1, 3], Gen.Int)
            .Sample((left, right, dimension, tau, threads, seed) =>
        {
            var (a, b) = (Mixed(left, dimension, seed), Mixed(right, dimension, seed + 1, firstId: 60));
            Assert.Equal(Naive(a, b, tau), Join(kernel, a, b, tau, threads));
        }, iter: 60);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void SelfJoin_AnyRows_EqualsNaiveLoop(PairKernel kernel) =>
        Gen.Select(Gen.Int[0, 200], Gen.Int[1, 40], Gen.Double[-.3, 1.1], Gen.Int[1, 3], Gen.Int)
            .Sample((count, dimension, tau, threads, seed) =>
        {
            var rows = Mixed(count, dimension, seed);
            var actual = new List<(int, int, double)>();
            NewJoin(kernel, rows, tau, threads).Accept(rows, triangle: true, (i, j, s) => actual.Add((i, j, s)), CancellationToken.None);
            Assert.Equal(Naive(rows, rows, tau).Where(pair => pair.Item1 < pair.Item2), actual.Order());
        }, iter: 40);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void SelfJoin_SeveralBlocks_EqualsNaiveLoop(PairKernel kernel)
    {
        // 9,000 values a row: 466 rows a block.
        var rows = TestEmbeddings.Random(700, 9000, 60, .3, 5);
        var actual = new HashSet<(int, int)>();
        NewJoin(kernel, rows, .8, 2).Accept(rows, triangle: true, (i, j, _) => Assert.True(actual.Add((i, j))), CancellationToken.None);
        for (var i = 0; i < rows.Count; i += 31)
        {
            for (var j = 0; j < rows.Count; j++)
            {
                Assert.Equal(i < j && Similarity.Exact(rows.Row(i), rows.Row(j)) >= .8, actual.Contains((i, j)));
            }
        }

        Assert.True(actual.Count > 1000);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Join_ClustersOfEqualSimilarity_FindsAllPairsAtTau(PairKernel kernel)
    {
        // Rows of a cluster share 8 of their 16 eighths, so their similarity is exactly 8/16 of the norm 1/4.
        var random = new Random(3);
        var rows = new EmbeddingMatrix(203);
        for (var i = 0; i < 300; i++)
        {
            var row = new Half[203];
            for (var k = 0; k < 8; k++)
            {
                row[(i % 10 * 8) + k] = (Half).125;
                row[80 + (i / 10 % 15 * 8) + k] = (Half)(random.Next(2) == 0 ? .125 : -.125);
            }

            rows.Add(i, row);
        }

        var expected = Naive(rows, rows, .125);
        Assert.True(expected.Count(pair => pair.Item3 == .125) > 5000);
        Assert.Equal(expected, Join(kernel, rows, Copy(rows, 0), .125, 2));
        Assert.DoesNotContain(Join(kernel, rows, Copy(rows, 0), Math.BitIncrement(.125), 2), pair => pair.Item3 == .125);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Join_AdversarialRounding_FindsPairsExactlyAtTau(PairKernel kernel)
    {
        // Each pair's similarity is used as tau. The rounding of the spiked rows points along the constant rows: nearly all of the bound is
        // needed.
        var rows = Adversarial();
        var other = Copy(rows, 100);
        for (var i = 0; i < rows.Count; i++)
        {
            for (var j = 0; j < rows.Count; j++)
            {
                var tau = Similarity.Exact(rows.Row(i), rows.Row(j));
                Assert.Equal(Naive(rows, other, tau), Join(kernel, rows, other, tau, 1));
                Assert.Equal(Naive(rows, other, Math.BitIncrement(tau)), Join(kernel, rows, other, Math.BitIncrement(tau), 1));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Join_EverySimilarityAsTau_IsDecidedExactly(PairKernel kernel) =>
        Gen.Select(Gen.Int[1, 90], Gen.Int).Sample((dimension, seed) =>
        {
            var (a, b) = (Mixed(11, dimension, seed), Mixed(11, dimension, seed + 1, firstId: 60));
            foreach (var tau in Naive(a, b, -20).Select(pair => pair.Item3).Distinct())
            {
                Assert.Equal(Naive(a, b, tau), Join(kernel, a, b, tau, 1));
            }
        }, iter: 12);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Accept_StreamedBlocks_NeighboursEqualNaive(PairKernel kernel) =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 150], Gen.Int[2, 40], Gen.Int[1, 9], Gen.Int[1, 50], Gen.Int[1, 3], Gen.Int).Sample(
            (left, right, dimension, k, blockRows, threads, seed) =>
            {
                var (a, b) = (Mixed(left, dimension, seed), Mixed(right, dimension, seed + 1, firstId: left / 2));
                var nearest = new NearestNeighbours(left, k, .3);
                var join = NewJoin(kernel, a, .9, threads, nearest);
                Assert.Equal(Naive(a, b, .9), Streamed(join, b, blockRows));
                AssertNearest(Naive(a, b, .3), b, nearest, k, left);
            }, iter: 30);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Accept_MostPairsKnown_KeepsTheNearestAndReportsTheRest(PairKernel kernel) =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 150], Gen.Int[2, 40], Gen.Int[1, 9], Gen.Int[1, 9], Gen.Int[1, 3], Gen.Int).Sample(
            (left, right, dimension, k, m, threads, seed) =>
            {
                Assert.SkipUnless(kernel != PairKernel.Int8 || Int8Prefilter.Supports(dimension), "AVX2 is missing");
                bool Known(int i, int j) => ((i * 31) + (j * 17) + (seed & 7)) % 5 != 0;
                var (a, b) = (Mixed(left, dimension, seed), Mixed(right, dimension, seed + 1, firstId: left / 2));
                var (nearest, matches) = (new NearestNeighbours(left, k, .3), new NearestNeighbours(left, m, .6));
                var pairs = new List<(int, int, double)>();

                new BlockJoin(a, .6, nearest, threads, kernel, matches)
                    .Accept(b, (i, j, s) => pairs.Add((i, j, s)), Known, CancellationToken.None);

                Assert.Equal(Naive(a, b, .6).Where(pair => !Known(pair.Item1, pair.Item2)), pairs.Order());
                foreach (var (kept, count, floor) in new[] { (nearest, k, .3), (matches, m, .6) })
                {
                    AssertNearest(Naive(a, b, floor), b, kept, count, left);
                }
            }, iter: 30);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Accept_Cancelled_Throws(PairKernel kernel)
    {
        var rows = TestEmbeddings.Random(900, 8, 1, .1, 3);
        foreach (var threads in new[] { 1, 2 })
        {
            using var source = new CancellationTokenSource();
            Assert.ThrowsAny<OperationCanceledException>(() =>
                NewJoin(kernel, rows, .1, threads).Accept(rows, (_, _, _) => source.Cancel(), source.Token));
        }
    }

    private static BlockJoin NewJoin(PairKernel kernel, EmbeddingMatrix left, double tau, int threads, NearestNeighbours? nearest = null) =>
        kernel == PairKernel.Int8
        ? new BlockJoin(left, tau, nearest, rows => new Int8Prefilter(rows, threads, maxWastedShare: 1))
        : new BlockJoin(left, tau, nearest, threads, kernel);

    private static IEnumerable<(
        int, int, double)> Join(PairKernel kernel, EmbeddingMatrix left, EmbeddingMatrix right, double tau, int threads)
    {
        var pairs = new List<(int, int, double)>();
        NewJoin(kernel, left, tau, threads).Accept(right, (i, j, s) => pairs.Add((i, j, s)));
        return pairs.Order();
    }
}
