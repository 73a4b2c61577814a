using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CpfPipeline.Matching.Kernels;

/// <content>For machines without AVX-512: half as many rows at once.</content>
internal static partial class Int8Kernel
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static bool Multiply256(ref int panel, ref int strip, int depth, in LeftTerms left, in RightTerms right, ref uint hits, ref uint kept)
    {
        var startL = Vector256.LoadUnsafe(in right.Starts[0]);
        var startR = Vector256.LoadUnsafe(in right.Starts[0], 8);
        Vector256<int> c0L = startL, c0R = startR;
        Vector256<int> c1L = startL, c1R = startR;
        Vector256<int> c2L = startL, c2R = startR;
        Vector256<int> c3L = startL, c3R = startR;
        for (var k = 0; k < depth; k += QuantisedRow.Step)
        {
            var l0 = Vector256.LoadUnsafe(ref strip, 0).AsSByte();
            var r0 = Vector256.LoadUnsafe(ref strip, 8).AsSByte();
            var l1 = Vector256.LoadUnsafe(ref strip, 16).AsSByte();
            var r1 = Vector256.LoadUnsafe(ref strip, 24).AsSByte();
            var l2 = Vector256.LoadUnsafe(ref strip, 32).AsSByte();
            var r2 = Vector256.LoadUnsafe(ref strip, 40).AsSByte();
            var l3 = Vector256.LoadUnsafe(ref strip, 48).AsSByte();
            var r3 = Vector256.LoadUnsafe(ref strip, 56).AsSByte();
            var a0 = Vector256.Create(Unsafe.Add(ref panel, 0)).AsByte();
            var a1 = Vector256.Create(Unsafe.Add(ref panel, 4)).AsByte();
            var a2 = Vector256.Create(Unsafe.Add(ref panel, 8)).AsByte();
            var a3 = Vector256.Create(Unsafe.Add(ref panel, 12)).AsByte();
            c0L += Dot(a0, a1, a2, a3, l0, l1, l2, l3);
            c0R += Dot(a0, a1, a2, a3, r0, r1, r2, r3);
            a0 = Vector256.Create(Unsafe.Add(ref panel, 1)).AsByte();
            a1 = Vector256.Create(Unsafe.Add(ref panel, 5)).AsByte();
            a2 = Vector256.Create(Unsafe.Add(ref panel, 9)).AsByte();
            a3 = Vector256.Create(Unsafe.Add(ref panel, 13)).AsByte();
            c1L += Dot(a0, a1, a2, a3, l0, l1, l2, l3);
            c1R += Dot(a0, a1, a2, a3, r0, r1, r2, r3);
            a0 = Vector256.Create(Unsafe.Add(ref panel, 2)).AsByte();
            a1 = Vector256.Create(Unsafe.Add(ref panel, 6)).AsByte();
            a2 = Vector256.Create(Unsafe.Add(ref panel, 10)).AsByte();
            a3 = Vector256.Create(Unsafe.Add(ref panel, 14)).AsByte();
            c2L += Dot(a0, a1, a2, a3, l0, l1, l2, l3);
            c2R += Dot(a0, a1, a2, a3, r0, r1, r2, r3);
            a0 = Vector256.Create(Unsafe.Add(ref panel, 3)).AsByte();
            a1 = Vector256.Create(Unsafe.Add(ref panel, 7)).AsByte();
            a2 = Vector256.Create(Unsafe.Add(ref panel, 11)).AsByte();
            a3 = Vector256.Create(Unsafe.Add(ref panel, 15)).AsByte();
            c3L += Dot(a0, a1, a2, a3, l0, l1, l2, l3);
            c3R += Dot(a0, a1, a2, a3, r0, r1, r2, r3);
            panel = ref Unsafe.Add(ref panel, 16);
            strip = ref Unsafe.Add(ref strip, 64);
        }

        var (scaleL, scaleR) = (Vector256.LoadUnsafe(in right.Scales[0]), Vector256.LoadUnsafe(in right.Scales[0], 8));
        var (residualL, residualR) = (Vector256.LoadUnsafe(in right.Residuals[0]), Vector256.LoadUnsafe(in right.Residuals[0], 8));
        var (normL, normR) = (Vector256.LoadUnsafe(in right.RoundedNorms[0]), Vector256.LoadUnsafe(in right.RoundedNorms[0], 8));
        ref var thresholds = ref Unsafe.AsRef(in left.Thresholds[0]);
        ref var norms = ref Unsafe.AsRef(in left.Norms[0]);
        ref var residuals = ref Unsafe.AsRef(in left.Residuals[0]);
        var any = 0u;
        any |= Unsafe.Add(ref hits, 0) = Reaches(c0L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 0), Unsafe.Add(ref norms, 0), Unsafe.Add(ref residuals, 0))
            | (Reaches(c0R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 0), Unsafe.Add(ref norms, 0), Unsafe.Add(ref residuals, 0)) << 8);
        any |= Unsafe.Add(ref hits, 1) = Reaches(c1L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 1), Unsafe.Add(ref norms, 1), Unsafe.Add(ref residuals, 1))
            | (Reaches(c1R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 1), Unsafe.Add(ref norms, 1), Unsafe.Add(ref residuals, 1)) << 8);
        any |= Unsafe.Add(ref hits, 2) = Reaches(c2L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 2), Unsafe.Add(ref norms, 2), Unsafe.Add(ref residuals, 2))
            | (Reaches(c2R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 2), Unsafe.Add(ref norms, 2), Unsafe.Add(ref residuals, 2)) << 8);
        any |= Unsafe.Add(ref hits, 3) = Reaches(c3L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 3), Unsafe.Add(ref norms, 3), Unsafe.Add(ref residuals, 3))
            | (Reaches(c3R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 3), Unsafe.Add(ref norms, 3), Unsafe.Add(ref residuals, 3)) << 8);
        if (any != 0)
        {
            thresholds = ref Unsafe.AsRef(in left.Keeps[0]);
            Unsafe.Add(ref kept, 0) = Reaches(c0L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 0), Unsafe.Add(ref norms, 0), Unsafe.Add(ref residuals, 0))
                | (Reaches(c0R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 0), Unsafe.Add(ref norms, 0), Unsafe.Add(ref residuals, 0)) << 8);
            Unsafe.Add(ref kept, 1) = Reaches(c1L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 1), Unsafe.Add(ref norms, 1), Unsafe.Add(ref residuals, 1))
                | (Reaches(c1R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 1), Unsafe.Add(ref norms, 1), Unsafe.Add(ref residuals, 1)) << 8);
            Unsafe.Add(ref kept, 2) = Reaches(c2L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 2), Unsafe.Add(ref norms, 2), Unsafe.Add(ref residuals, 2))
                | (Reaches(c2R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 2), Unsafe.Add(ref norms, 2), Unsafe.Add(ref residuals, 2)) << 8);
            Unsafe.Add(ref kept, 3) = Reaches(c3L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 3), Unsafe.Add(ref norms, 3), Unsafe.Add(ref residuals, 3))
                | (Reaches(c3R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 3), Unsafe.Add(ref norms, 3), Unsafe.Add(ref residuals, 3)) << 8);
        }

        return any != 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Dot(
        Vector256<byte> a0, Vector256<byte> a1, Vector256<byte> a2, Vector256<byte> a3, Vector256<sbyte> b0, Vector256<sbyte> b1, Vector256<sbyte> b2, Vector256<sbyte> b3)
    {
        var pairs = Avx2.MultiplyAddAdjacent(a0, b0) + Avx2.MultiplyAddAdjacent(a1, b1)
            + Avx2.MultiplyAddAdjacent(a2, b2) + Avx2.MultiplyAddAdjacent(a3, b3);
        return Avx2.MultiplyAddAdjacent(pairs, Vector256.Create((short)1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Reaches(
        Vector256<int> sums, Vector256<float> scales, Vector256<float> rightResiduals, Vector256<float> rightNorms, float threshold, float norm, float residual)
    {
        var similarity = Vector256.ConvertToSingle(sums) * scales;
        var most = Vector256.FusedMultiplyAdd(Vector256.Create(norm), rightResiduals, similarity);
        most = Vector256.FusedMultiplyAdd(Vector256.Create(residual), rightNorms, most);
        return (uint)Vector256.GreaterThanOrEqual(most, Vector256.Create(threshold)).ExtractMostSignificantBits();
    }
}
