using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using CpfPipeline.Matching.Kernels;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Matching.Kernels;

/// <summary>The products of bytes are the sums of integers.</summary>
public sealed class Int8KernelTests
{
    private delegate bool Multiply(ref int panel, ref int strip, int depth, in Int8Kernel.LeftTerms left, in Int8Kernel.RightTerms right,
        ref uint hits, ref uint kept);

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
            int Value() => !extreme ? random.Next(-QuantisedRow.Largest, QuantisedRow.Largest + 1)
                : same || random.Next(2) == 0 ? QuantisedRow.Largest : -QuantisedRow.Largest;
            var left = Enumerable.Range(0, panelRows).Select(_ => Enumerable.Range(0, depth).Select(_ => Value()).ToArray()).ToArray();
            var right = Enumerable.Range(0, stripRows)
                .Select(_ => Enumerable.Range(0, depth).Select(_ => same && seed % 2 == 0 ? -Value() : Value()).ToArray()).ToArray();
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
            var keeps = sums.Select((s, i) => (float)Math.Max(thresholds[i], s[((i * 5) + 3) % stripRows])).ToArray();
            var (hits, kept) = (new uint[panelRows], new uint[panelRows]);
            var any = multiply(
                ref MemoryMarshal.Cast<byte, int>(panel.AsSpan())[0], ref MemoryMarshal.Cast<byte, int>(strip.AsSpan())[0], depth,
                new Int8Kernel.LeftTerms(thresholds, keeps, new float[panelRows], new float[panelRows]),
                new Int8Kernel.RightTerms(
                    [.. right.Select(b => -QuantisedRow.Largest * b.Sum())], [.. Enumerable.Repeat(1f, stripRows)], new float[stripRows],
                    new float[stripRows]),
                ref hits[0], ref kept[0]);
            Assert.True(any);
            for (var i = 0; i < panelRows; i++)
            {
                for (var j = 0; j < stripRows; j++)
                {
                    Assert.Equal(sums[i][j] >= thresholds[i], (hits[i] >> j & 1) == 1);
                    Assert.Equal(sums[i][j] >= keeps[i], (kept[i] >> j & 1) == 1);
                }
            }
        }, iter: 20);

    private static void NeedsInt8() => Assert.SkipUnless(Int8Kernel.IsSupported, "AVX2 is missing");
}
