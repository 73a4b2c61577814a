using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using CpfPipeline.Matching;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matching;

/// <summary>Every kernel gives the pairs of the plain loop; the int8 kernel is kept from leaving a block to float, except where that is tested.</summary>
public sealed class PairKernelTests
{
    private delegate bool Multiply(ref int panel, ref int strip, int depth, in Int8Kernel.LeftTerms left, in Int8Kernel.RightTerms right, ref uint hits);

    public static TheoryData<PairKernel> Kernels => Int8Kernel.IsSupported ? [PairKernel.Float32, PairKernel.Int8] : [PairKernel.Float32];

    [Fact]
    public void Kernel_ByDefault_IsTheFastestOfTheMachine()
    {
        var rows = Embeddings.Random(3, 8, 1, .1, 1);
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
        Gen.Select(Gen.Int[0, 90], Gen.Int[0, 90], Gen.Int[1, 150], Gen.Double[-.3, 1.1], Gen.Int[1, 3], Gen.Int).Sample((left, right, dimension, tau, threads, seed) =>
        {
            var (a, b) = (Mixed(left, dimension, seed), Mixed(right, dimension, seed + 1, firstId: 60));
            Assert.Equal(Naive(a, b, tau), Join(kernel, a, b, tau, threads));
        }, iter: 60);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void SelfJoin_AnyRows_EqualsNaiveLoop(PairKernel kernel) =>
        Gen.Select(Gen.Int[0, 200], Gen.Int[1, 40], Gen.Double[-.3, 1.1], Gen.Int[1, 3], Gen.Int).Sample((count, dimension, tau, threads, seed) =>
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
        var rows = Embeddings.Random(700, 9000, 60, .3, 5);
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
        // Each pair's similarity is used as tau. The rounding of the spiked rows points along the constant rows: nearly all of the bound is needed.
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
                var pairs = new List<(int, int, double)>();
                var block = new EmbeddingMatrix(dimension);
                for (var start = 0; start < right; start += blockRows)
                {
                    block.Clear();
                    for (var row = start; row < Math.Min(right, start + blockRows); row++)
                    {
                        block.Add(b.ContentId(row), b.Row(row));
                    }

                    var first = start;
                    join.Accept(block, (i, j, s) => pairs.Add((i, first + j, s)));
                }

                Assert.Equal(Naive(a, b, .9), pairs.Order());
                var neighbours = Naive(a, b, .3).ToLookup(pair => pair.Item1);
                for (var i = 0; i < left; i++)
                {
                    var expected = neighbours[i].Select(pair => new Neighbour(b.ContentId(pair.Item2), pair.Item3))
                        .OrderByDescending(neighbour => neighbour.Similarity).ThenBy(neighbour => neighbour.ContentId).Take(k);
                    Assert.Equal(expected, nearest.Of(i).ToArray());
                }
            }, iter: 30);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Accept_Int8WastesTooMuch_LeavesTheBlockToFloat(int threads)
    {
        NeedsInt8();

        // All similarities are between .999 and 1, as of one cluster: int8 cannot tell them from tau.
        var rows = Embeddings.Random(700, 60, 1, .02, 7);
        var tau = 1.001;
        var prefilter = new Int8Prefilter(rows, threads);
        var pairs = new List<(int, int, double)>();
        new BlockJoin(rows, tau, null, _ => prefilter).Accept(rows, triangle: true, (i, j, s) => pairs.Add((i, j, s)), CancellationToken.None);
        Assert.Equal(Naive(rows, rows, tau).Where(pair => pair.Item1 < pair.Item2), pairs.Order());
        Assert.Equal((1, 1), prefilter.Blocks);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Accept_FewCandidatesOrWorthyOnes_StaysWithInt8(int threads)
    {
        NeedsInt8();
        var rows = Embeddings.Random(700, 60, 1, .02, 7);
        var dense = new Int8Prefilter(rows, threads); // Everything is let through and nothing for nothing.
        var count = 0;
        new BlockJoin(rows, .9, null, _ => dense).Accept(rows, triangle: true, (_, _, _) => count++, CancellationToken.None);
        Assert.Equal((1, 0), dense.Blocks);
        Assert.Equal(700 * 699 / 2, count);

        rows = Embeddings.Random(700, 256, 200, .5, 7);
        var sparse = new Int8Prefilter(rows, threads);
        new BlockJoin(rows, .6, null, _ => sparse).Accept(rows, triangle: true, (_, _, _) => { }, CancellationToken.None);
        Assert.Equal((1, 0), sparse.Blocks);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Accept_Cancelled_Throws(PairKernel kernel)
    {
        var rows = Embeddings.Random(900, 8, 1, .1, 3);
        foreach (var threads in new[] { 1, 2 })
        {
            using var source = new CancellationTokenSource();
            Assert.ThrowsAny<OperationCanceledException>(() => NewJoin(kernel, rows, .1, threads).Accept(rows, (_, _, _) => source.Cancel(), source.Token));
        }
    }

    [Fact]
    public void QuantisedRow_AnyRow_NormsAreAtLeastTheTruthAndHardlyMore() => Gen.Select(Gen.Int[1, 400], Gen.Int).Sample((dimension, seed) =>
    {
        var rows = Mixed(20, dimension, seed);
        for (var i = 0; i < rows.Count; i++)
        {
            var (row, q) = Quantise(rows.Row(i));
            double squares = 0, roundedSquares = 0, residuals = 0;
            for (var k = 0; k < dimension; k++)
            {
                Assert.InRange(q[k], -QuantisedRow.Largest, QuantisedRow.Largest);
                var (value, rounded) = ((double)rows.Row(i)[k], (double)row.Scale * q[k]);
                squares += value * value;
                roundedSquares += rounded * rounded;
                residuals += (value - rounded) * (value - rounded);
                Assert.InRange(Math.Abs(value - rounded), 0, .501 * row.Scale);
            }

            Assert.Equal(q.Sum(value => value), row.Sum);
            Assert.All(q.Skip(dimension), value => Assert.Equal(0, value));
            Bounds(row.Norm, squares);
            Bounds(row.RoundedNorm, roundedSquares);
            Bounds(row.Residual, residuals);
        }

        static void Bounds(float bound, double squaredNorm) => Assert.InRange(bound, Math.Sqrt(squaredNorm) * (1 - 1e-14), Math.Sqrt(squaredNorm) * 1.0001);
    }, iter: 30);

    [Fact]
    public void QuantisedRow_AnyTwoRows_ProductStaysWithinTheBound() => Gen.Select(Gen.Int[1, 300], Gen.Int).Sample((dimension, seed) =>
    {
        var rows = Mixed(24, dimension, seed);
        for (var i = 0; i < rows.Count; i++)
        {
            for (var j = 0; j < rows.Count; j++)
            {
                var (error, bound) = Error(rows.Row(i), rows.Row(j));
                Assert.InRange(Math.Abs(error), 0, bound);
            }
        }
    }, iter: 15);

    [Fact]
    public void QuantisedRow_AdversarialRows_NeedNearlyTheWholeBound()
    {
        // So a bound smaller by a fiftieth misses pairs, which the joins of these rows would show.
        var rows = Adversarial();
        foreach (var (left, right) in new[] { (0, 1), (1, 0), (2, 3), (3, 2) })
        {
            var (error, bound) = Error(rows.Row(left), rows.Row(right));
            Assert.InRange(error, .98 * bound, bound);
        }
    }

    [Fact]
    public void Multiply512_ExtremeValues_EqualsSumsOfIntegers()
    {
        Assert.SkipUnless(Avx512BW.IsSupported, "AVX-512 is missing");
        CheckKernel(8, 32, Int8Kernel.Multiply512);
    }

    [Fact]
    public void Multiply256_ExtremeValues_EqualsSumsOfIntegers()
    {
        NeedsInt8();
        CheckKernel(4, 16, Int8Kernel.Multiply256);
    }

    // Nothing but largest values, where 16 bits could overflow, and random ones; every row's threshold is one of its own sums.
    private static void CheckKernel(int panelRows, int stripRows, Multiply multiply) =>
        Gen.Select(Gen.Int[1, 30], Gen.Bool, Gen.Bool, Gen.Int).Sample((steps, extreme, same, seed) =>
        {
            var (depth, random) = (steps * QuantisedRow.Step, new Random(seed));
            int Value() => !extreme ? random.Next(-QuantisedRow.Largest, QuantisedRow.Largest + 1) : same || random.Next(2) == 0 ? QuantisedRow.Largest : -QuantisedRow.Largest;
            var left = Enumerable.Range(0, panelRows).Select(_ => Enumerable.Range(0, depth).Select(_ => Value()).ToArray()).ToArray();
            var right = Enumerable.Range(0, stripRows).Select(_ => Enumerable.Range(0, depth).Select(_ => same && seed % 2 == 0 ? -Value() : Value()).ToArray()).ToArray();
            var (panel, strip) = (new byte[depth * panelRows], new byte[depth * stripRows]);
            for (var k = 0; k < depth; k++)
            {
                for (var i = 0; i < panelRows; i++)
                {
                    panel[(((k / 4 * panelRows) + i) * 4) + (k % 4)] = (byte)(left[i][k] + QuantisedRow.Largest);
                }

                for (var j = 0; j < stripRows; j++)
                {
                    strip[(((k / 4 * stripRows) + j) * 4) + (k % 4)] = unchecked((byte)right[j][k]);
                }
            }

            var sums = left.Select(a => right.Select(b => a.Zip(b, (x, y) => x * y).Sum()).ToArray()).ToArray();
            var thresholds = sums.Select((s, i) => (float)s[(i * 7) % stripRows]).ToArray();
            var hits = new uint[panelRows];
            var any = multiply(
                ref MemoryMarshal.Cast<byte, int>(panel.AsSpan())[0], ref MemoryMarshal.Cast<byte, int>(strip.AsSpan())[0], depth,
                new Int8Kernel.LeftTerms(thresholds, new float[panelRows], new float[panelRows]),
                new Int8Kernel.RightTerms(
                    [.. right.Select(b => -QuantisedRow.Largest * b.Sum())], [.. Enumerable.Repeat(1f, stripRows)], new float[stripRows], new float[stripRows]),
                ref hits[0]);
            Assert.True(any);
            for (var i = 0; i < panelRows; i++)
            {
                for (var j = 0; j < stripRows; j++)
                {
                    Assert.Equal(sums[i][j] >= thresholds[i], (hits[i] >> j & 1) == 1);
                }
            }
        }, iter: 20);

    private static void NeedsInt8() => Assert.SkipUnless(Int8Kernel.IsSupported, "AVX2 is missing");

    private static BlockJoin NewJoin(PairKernel kernel, EmbeddingMatrix left, double tau, int threads, NearestNeighbours? nearest = null) => kernel == PairKernel.Int8
        ? new BlockJoin(left, tau, nearest, rows => new Int8Prefilter(rows, threads, mostWasted: 1))
        : new BlockJoin(left, tau, nearest, threads, kernel);

    private static IEnumerable<(int, int, double)> Join(PairKernel kernel, EmbeddingMatrix left, EmbeddingMatrix right, double tau, int threads)
    {
        var pairs = new List<(int, int, double)>();
        NewJoin(kernel, left, tau, threads).Accept(right, (i, j, s) => pairs.Add((i, j, s)));
        return pairs.Order();
    }

    private static List<(int, int, double)> Naive(EmbeddingMatrix left, EmbeddingMatrix right, double tau)
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

    // Exact in double, see Similarity.
    private static double Dot(ReadOnlySpan<Half> left, ReadOnlySpan<Half> right)
    {
        var sum = 0.0;
        for (var k = 0; k < left.Length; k++)
        {
            sum += (double)left[k] * (double)right[k];
        }

        return sum;
    }

    private static (QuantisedRow Row, sbyte[] Values) Quantise(ReadOnlySpan<Half> row)
    {
        var values = new sbyte[QuantisedRow.Padded(row.Length)];
        return (QuantisedRow.Of(row, new float[values.Length], values), values);
    }

    private static (double Error, double Bound) Error(ReadOnlySpan<Half> left, ReadOnlySpan<Half> right)
    {
        var ((a, qa), (b, qb)) = (Quantise(left), Quantise(right));
        var rounded = (double)a.Scale * b.Scale * qa.Zip(qb, (x, y) => x * y).Sum();
        return (Dot(left, right) - rounded, ((double)a.Norm * b.Residual) + ((double)a.Residual * b.RoundedNorm));
    }

    // Spiked and constant rows in turn: 0 and 1 of norms near 1, 2 and 3 of very different norms; then the same with signs.
    private static EmbeddingMatrix Adversarial()
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

    private static EmbeddingMatrix Copy(EmbeddingMatrix rows, long firstId)
    {
        var copy = new EmbeddingMatrix(rows.Dimension);
        for (var i = 0; i < rows.Count; i++)
        {
            copy.Add(rows.ContentId(i) + firstId, rows.Row(i));
        }

        return copy;
    }

    // Rows of every kind that a matrix accepts: random ones, near copies, duplicates, opposites, zeros, subnormals, spikes and all norms up to 4.
    private static EmbeddingMatrix Mixed(int count, int dimension, int seed, long firstId = 0)
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
