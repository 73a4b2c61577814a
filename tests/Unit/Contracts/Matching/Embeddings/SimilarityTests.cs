using System.Numerics;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Kernels;
using CpfPipeline.Tests.Oracle;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Matching.Embeddings;

public sealed class SimilarityTests
{
    /// <summary>
    /// Any finite half of magnitude below 1/8, subnormals and both zeros included; up to 600 of them stay within the norm.
    /// </summary>
    private static readonly Gen<Half> SmallHalf = Gen.Select(Gen.OneOf(Gen.Int[0, 0x2fff], Gen.Int[0, 0x7ff]), Gen.Bool)
        .Select((bits, negative) => BitConverter.UInt16BitsToHalf((ushort)(bits | (negative ? 0x8000 : 0))));

    [Fact]
    public void Exact_AnyHalves_EqualsIntegerArithmetic() =>
        Gen.Int[1, 600].SelectMany(n => Gen.Select(SmallHalf.Array[n], SmallHalf.Array[n])).Sample(
        (a, b) => new BigInteger(Similarity.Exact(a, b) * (1L << 48)) == NaiveMatching.Similarity(a, b)
            && Similarity.Exact(a, b) * (1L << 48) % 1 == 0, iter: 800);

    [Fact]
    public void Exact_AnyOrderOfTerms_SameBits() =>
        Gen.Select(Gen.Int[1, 300].SelectMany(n => Gen.Select(SmallHalf.Array[n], SmallHalf.Array[n])), Gen.Int).Sample(
        (pair, seed) =>
        {
            var order = Enumerable.Range(0, pair.Item1.Length).ToArray();
            new Random(seed).Shuffle(order);
            var (a, b) = (order.Select(k => pair.Item1[k]).ToArray(), order.Select(k => pair.Item2[k]).ToArray());
            var forward = 0.0;
            for (var k = 0; k < a.Length; k++)
            {
                forward = Math.FusedMultiplyAdd((double)a[k], (double)b[k], forward);
            }

            var exact = BitConverter.DoubleToInt64Bits(Similarity.Exact(pair.Item1, pair.Item2) + 0.0);
            Assert.Equal(exact, BitConverter.DoubleToInt64Bits(Similarity.Exact(a, b) + 0.0));
            Assert.Equal(exact, BitConverter.DoubleToInt64Bits(forward + 0.0));
        }, iter: 400);

    [Fact]
    public void Exact_LargestNorms_StillExact()
    {
        // Squared norms of exactly 16 with the finest bits set: the far end of what a matrix admits.
        var row = Enumerable.Repeat((Half)1f, 16).Concat(Enumerable.Repeat(Half.Epsilon, 4080)).ToArray();
        row[0] = BitConverter.UInt16BitsToHalf((ushort)(BitConverter.HalfToUInt16Bits((Half)1f) - 1));
        new EmbeddingMatrix(row.Length).Add(1, row);
        Assert.Equal(NaiveMatching.Similarity(row, row), new BigInteger(Similarity.Exact(row, row) * (1L << 48)));
    }

    [Fact]
    public void Widen_EveryFiniteHalf_SameBitsAsCast()
    {
        var halves = Enumerable.Range(0, 0x10000)
            .Select(bits => BitConverter.UInt16BitsToHalf((ushort)bits)).Where(Half.IsFinite).ToArray();
        var floats = new float[halves.Length];
        HalfRows.Widen(halves, floats);
        Assert.All(halves.Zip(floats), pair =>
            Assert.Equal(BitConverter.SingleToInt32Bits((float)pair.First), BitConverter.SingleToInt32Bits(pair.Second)));
    }

    [Fact]
    public void Exact_DifferentDimensions_Throws() => Assert.Throws<ArgumentException>(() => Similarity.Exact(new Half[3], new Half[4]));
}
