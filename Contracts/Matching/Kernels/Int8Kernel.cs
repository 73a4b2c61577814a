using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CpfPipeline.Matching.Kernels;

/// <summary>
/// The innermost product of quantised rows: a panel of left rows times a strip of right rows, and which of the pairs may reach their left row's threshold.
/// </summary>
/// <remarks>
/// Four neighbouring values of a row are packed into one integer: <c>panel[k / 4 * PanelRows + row]</c>, each value plus <see cref="QuantisedRow.Largest"/> as a
/// byte without sign, and <c>strip[k / 4 * StripRows + row]</c>, with sign. Sums therefore begin at minus <see cref="QuantisedRow.Largest"/> times the sum of the
/// right row (<see cref="RightTerms.Starts"/>). One instruction multiplies four left values by four of each of 16 (8) right rows and adds in pairs; four such
/// results are added in 16 bits before they are widened: 9 instructions for 256 (128) products, where float takes 16.
/// Measured on an AMD EPYC of the Zen 5 kind, one thread: 335e9 products a second; float 111e9; the 256-bit vpdpbusd, the only one this runtime offers there, 233e9.
/// The test at the end is the one that <see cref="QuantisedRow"/> proves.
/// </remarks>
internal static partial class Int8Kernel
{
    /// <summary>Whether this machine has the instructions.</summary>
    public static bool IsSupported => Avx2.IsSupported && Fma.IsSupported;

    /// <summary>Left rows a panel.</summary>
    public static readonly int PanelRows = Avx512BW.IsSupported ? 8 : 4;

    /// <summary>Right rows a strip.</summary>
    public static readonly int StripRows = Avx512BW.IsSupported ? 32 : 16;

    /// <summary>Whether any pair may reach its left row's threshold.</summary>
    /// <param name="panel"><c>[depth / 4, PanelRows]</c></param>
    /// <param name="strip"><c>[depth / 4, StripRows]</c></param>
    /// <param name="depth">Values a row, a multiple of <see cref="QuantisedRow.Step"/>.</param>
    /// <param name="left">Of the left rows, <c>[PanelRows]</c> each.</param>
    /// <param name="right">Of the right rows, <c>[StripRows]</c> each.</param>
    /// <param name="hits"><c>[PanelRows]</c>: bit j tells of right row j.</param>
    /// <param name="kept"><c>[PanelRows]</c>: the same for the second thresholds; written only when there is a hit.</param>
    public static bool Multiply(
        ReadOnlySpan<int> panel, ReadOnlySpan<int> strip, int depth, in LeftTerms left, in RightTerms right, Span<uint> hits, Span<uint> kept)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(depth % QuantisedRow.Step, 0, nameof(depth));
        ArgumentOutOfRangeException.ThrowIfLessThan(panel.Length, depth / 4 * PanelRows, nameof(panel));
        ArgumentOutOfRangeException.ThrowIfLessThan(strip.Length, depth / 4 * StripRows, nameof(strip));
        ArgumentOutOfRangeException.ThrowIfLessThan(Math.Min(Math.Min(left.Thresholds.Length, left.Keeps.Length), Math.Min(left.Norms.Length, left.Residuals.Length)), PanelRows, nameof(left));
        ArgumentOutOfRangeException.ThrowIfLessThan(
            Math.Min(Math.Min(right.Starts.Length, right.Scales.Length), Math.Min(right.Residuals.Length, right.RoundedNorms.Length)), StripRows, nameof(right));
        ArgumentOutOfRangeException.ThrowIfLessThan(Math.Min(hits.Length, kept.Length), PanelRows, nameof(hits));
        ref var a = ref Unsafe.AsRef(in panel[0]);
        ref var b = ref Unsafe.AsRef(in strip[0]);
        return Avx512BW.IsSupported
            ? Multiply512(ref a, ref b, depth, left, right, ref hits[0], ref kept[0])
            : Multiply256(ref a, ref b, depth, left, right, ref hits[0], ref kept[0]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static bool Multiply512(ref int panel, ref int strip, int depth, in LeftTerms left, in RightTerms right, ref uint hits, ref uint kept)
    {
        var startL = Vector512.LoadUnsafe(in right.Starts[0]);
        var startR = Vector512.LoadUnsafe(in right.Starts[0], 16);
        Vector512<int> c0L = startL, c0R = startR;
        Vector512<int> c1L = startL, c1R = startR;
        Vector512<int> c2L = startL, c2R = startR;
        Vector512<int> c3L = startL, c3R = startR;
        Vector512<int> c4L = startL, c4R = startR;
        Vector512<int> c5L = startL, c5R = startR;
        Vector512<int> c6L = startL, c6R = startR;
        Vector512<int> c7L = startL, c7R = startR;
        for (var k = 0; k < depth; k += QuantisedRow.Step)
        {
            var l0 = Vector512.LoadUnsafe(ref strip, 0).AsSByte();
            var r0 = Vector512.LoadUnsafe(ref strip, 16).AsSByte();
            var l1 = Vector512.LoadUnsafe(ref strip, 32).AsSByte();
            var r1 = Vector512.LoadUnsafe(ref strip, 48).AsSByte();
            var l2 = Vector512.LoadUnsafe(ref strip, 64).AsSByte();
            var r2 = Vector512.LoadUnsafe(ref strip, 80).AsSByte();
            var l3 = Vector512.LoadUnsafe(ref strip, 96).AsSByte();
            var r3 = Vector512.LoadUnsafe(ref strip, 112).AsSByte();
            var a0 = Vector512.Create(Unsafe.Add(ref panel, 0)).AsByte();
            var a1 = Vector512.Create(Unsafe.Add(ref panel, 8)).AsByte();
            var a2 = Vector512.Create(Unsafe.Add(ref panel, 16)).AsByte();
            var a3 = Vector512.Create(Unsafe.Add(ref panel, 24)).AsByte();
            c0L += Dot(a0, a1, a2, a3, l0, l1, l2, l3);
            c0R += Dot(a0, a1, a2, a3, r0, r1, r2, r3);
            a0 = Vector512.Create(Unsafe.Add(ref panel, 1)).AsByte();
            a1 = Vector512.Create(Unsafe.Add(ref panel, 9)).AsByte();
            a2 = Vector512.Create(Unsafe.Add(ref panel, 17)).AsByte();
            a3 = Vector512.Create(Unsafe.Add(ref panel, 25)).AsByte();
            c1L += Dot(a0, a1, a2, a3, l0, l1, l2, l3);
            c1R += Dot(a0, a1, a2, a3, r0, r1, r2, r3);
            a0 = Vector512.Create(Unsafe.Add(ref panel, 2)).AsByte();
            a1 = Vector512.Create(Unsafe.Add(ref panel, 10)).AsByte();
            a2 = Vector512.Create(Unsafe.Add(ref panel, 18)).AsByte();
            a3 = Vector512.Create(Unsafe.Add(ref panel, 26)).AsByte();
            c2L += Dot(a0, a1, a2, a3, l0, l1, l2, l3);
            c2R += Dot(a0, a1, a2, a3, r0, r1, r2, r3);
            a0 = Vector512.Create(Unsafe.Add(ref panel, 3)).AsByte();
            a1 = Vector512.Create(Unsafe.Add(ref panel, 11)).AsByte();
            a2 = Vector512.Create(Unsafe.Add(ref panel, 19)).AsByte();
            a3 = Vector512.Create(Unsafe.Add(ref panel, 27)).AsByte();
            c3L += Dot(a0, a1, a2, a3, l0, l1, l2, l3);
            c3R += Dot(a0, a1, a2, a3, r0, r1, r2, r3);
            a0 = Vector512.Create(Unsafe.Add(ref panel, 4)).AsByte();
            a1 = Vector512.Create(Unsafe.Add(ref panel, 12)).AsByte();
            a2 = Vector512.Create(Unsafe.Add(ref panel, 20)).AsByte();
            a3 = Vector512.Create(Unsafe.Add(ref panel, 28)).AsByte();
            c4L += Dot(a0, a1, a2, a3, l0, l1, l2, l3);
            c4R += Dot(a0, a1, a2, a3, r0, r1, r2, r3);
            a0 = Vector512.Create(Unsafe.Add(ref panel, 5)).AsByte();
            a1 = Vector512.Create(Unsafe.Add(ref panel, 13)).AsByte();
            a2 = Vector512.Create(Unsafe.Add(ref panel, 21)).AsByte();
            a3 = Vector512.Create(Unsafe.Add(ref panel, 29)).AsByte();
            c5L += Dot(a0, a1, a2, a3, l0, l1, l2, l3);
            c5R += Dot(a0, a1, a2, a3, r0, r1, r2, r3);
            a0 = Vector512.Create(Unsafe.Add(ref panel, 6)).AsByte();
            a1 = Vector512.Create(Unsafe.Add(ref panel, 14)).AsByte();
            a2 = Vector512.Create(Unsafe.Add(ref panel, 22)).AsByte();
            a3 = Vector512.Create(Unsafe.Add(ref panel, 30)).AsByte();
            c6L += Dot(a0, a1, a2, a3, l0, l1, l2, l3);
            c6R += Dot(a0, a1, a2, a3, r0, r1, r2, r3);
            a0 = Vector512.Create(Unsafe.Add(ref panel, 7)).AsByte();
            a1 = Vector512.Create(Unsafe.Add(ref panel, 15)).AsByte();
            a2 = Vector512.Create(Unsafe.Add(ref panel, 23)).AsByte();
            a3 = Vector512.Create(Unsafe.Add(ref panel, 31)).AsByte();
            c7L += Dot(a0, a1, a2, a3, l0, l1, l2, l3);
            c7R += Dot(a0, a1, a2, a3, r0, r1, r2, r3);
            panel = ref Unsafe.Add(ref panel, 32);
            strip = ref Unsafe.Add(ref strip, 128);
        }

        var (scaleL, scaleR) = (Vector512.LoadUnsafe(in right.Scales[0]), Vector512.LoadUnsafe(in right.Scales[0], 16));
        var (residualL, residualR) = (Vector512.LoadUnsafe(in right.Residuals[0]), Vector512.LoadUnsafe(in right.Residuals[0], 16));
        var (normL, normR) = (Vector512.LoadUnsafe(in right.RoundedNorms[0]), Vector512.LoadUnsafe(in right.RoundedNorms[0], 16));
        ref var thresholds = ref Unsafe.AsRef(in left.Thresholds[0]);
        ref var norms = ref Unsafe.AsRef(in left.Norms[0]);
        ref var residuals = ref Unsafe.AsRef(in left.Residuals[0]);
        var any = 0u;
        any |= Unsafe.Add(ref hits, 0) = Reaches(c0L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 0), Unsafe.Add(ref norms, 0), Unsafe.Add(ref residuals, 0))
            | (Reaches(c0R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 0), Unsafe.Add(ref norms, 0), Unsafe.Add(ref residuals, 0)) << 16);
        any |= Unsafe.Add(ref hits, 1) = Reaches(c1L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 1), Unsafe.Add(ref norms, 1), Unsafe.Add(ref residuals, 1))
            | (Reaches(c1R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 1), Unsafe.Add(ref norms, 1), Unsafe.Add(ref residuals, 1)) << 16);
        any |= Unsafe.Add(ref hits, 2) = Reaches(c2L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 2), Unsafe.Add(ref norms, 2), Unsafe.Add(ref residuals, 2))
            | (Reaches(c2R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 2), Unsafe.Add(ref norms, 2), Unsafe.Add(ref residuals, 2)) << 16);
        any |= Unsafe.Add(ref hits, 3) = Reaches(c3L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 3), Unsafe.Add(ref norms, 3), Unsafe.Add(ref residuals, 3))
            | (Reaches(c3R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 3), Unsafe.Add(ref norms, 3), Unsafe.Add(ref residuals, 3)) << 16);
        any |= Unsafe.Add(ref hits, 4) = Reaches(c4L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 4), Unsafe.Add(ref norms, 4), Unsafe.Add(ref residuals, 4))
            | (Reaches(c4R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 4), Unsafe.Add(ref norms, 4), Unsafe.Add(ref residuals, 4)) << 16);
        any |= Unsafe.Add(ref hits, 5) = Reaches(c5L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 5), Unsafe.Add(ref norms, 5), Unsafe.Add(ref residuals, 5))
            | (Reaches(c5R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 5), Unsafe.Add(ref norms, 5), Unsafe.Add(ref residuals, 5)) << 16);
        any |= Unsafe.Add(ref hits, 6) = Reaches(c6L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 6), Unsafe.Add(ref norms, 6), Unsafe.Add(ref residuals, 6))
            | (Reaches(c6R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 6), Unsafe.Add(ref norms, 6), Unsafe.Add(ref residuals, 6)) << 16);
        any |= Unsafe.Add(ref hits, 7) = Reaches(c7L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 7), Unsafe.Add(ref norms, 7), Unsafe.Add(ref residuals, 7))
            | (Reaches(c7R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 7), Unsafe.Add(ref norms, 7), Unsafe.Add(ref residuals, 7)) << 16);
        if (any != 0)
        {
            thresholds = ref Unsafe.AsRef(in left.Keeps[0]);
            Unsafe.Add(ref kept, 0) = Reaches(c0L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 0), Unsafe.Add(ref norms, 0), Unsafe.Add(ref residuals, 0))
                | (Reaches(c0R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 0), Unsafe.Add(ref norms, 0), Unsafe.Add(ref residuals, 0)) << 16);
            Unsafe.Add(ref kept, 1) = Reaches(c1L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 1), Unsafe.Add(ref norms, 1), Unsafe.Add(ref residuals, 1))
                | (Reaches(c1R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 1), Unsafe.Add(ref norms, 1), Unsafe.Add(ref residuals, 1)) << 16);
            Unsafe.Add(ref kept, 2) = Reaches(c2L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 2), Unsafe.Add(ref norms, 2), Unsafe.Add(ref residuals, 2))
                | (Reaches(c2R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 2), Unsafe.Add(ref norms, 2), Unsafe.Add(ref residuals, 2)) << 16);
            Unsafe.Add(ref kept, 3) = Reaches(c3L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 3), Unsafe.Add(ref norms, 3), Unsafe.Add(ref residuals, 3))
                | (Reaches(c3R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 3), Unsafe.Add(ref norms, 3), Unsafe.Add(ref residuals, 3)) << 16);
            Unsafe.Add(ref kept, 4) = Reaches(c4L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 4), Unsafe.Add(ref norms, 4), Unsafe.Add(ref residuals, 4))
                | (Reaches(c4R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 4), Unsafe.Add(ref norms, 4), Unsafe.Add(ref residuals, 4)) << 16);
            Unsafe.Add(ref kept, 5) = Reaches(c5L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 5), Unsafe.Add(ref norms, 5), Unsafe.Add(ref residuals, 5))
                | (Reaches(c5R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 5), Unsafe.Add(ref norms, 5), Unsafe.Add(ref residuals, 5)) << 16);
            Unsafe.Add(ref kept, 6) = Reaches(c6L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 6), Unsafe.Add(ref norms, 6), Unsafe.Add(ref residuals, 6))
                | (Reaches(c6R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 6), Unsafe.Add(ref norms, 6), Unsafe.Add(ref residuals, 6)) << 16);
            Unsafe.Add(ref kept, 7) = Reaches(c7L, scaleL, residualL, normL, Unsafe.Add(ref thresholds, 7), Unsafe.Add(ref norms, 7), Unsafe.Add(ref residuals, 7))
                | (Reaches(c7R, scaleR, residualR, normR, Unsafe.Add(ref thresholds, 7), Unsafe.Add(ref norms, 7), Unsafe.Add(ref residuals, 7)) << 16);
        }

        return any != 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Dot(
        Vector512<byte> a0, Vector512<byte> a1, Vector512<byte> a2, Vector512<byte> a3, Vector512<sbyte> b0, Vector512<sbyte> b1, Vector512<sbyte> b2, Vector512<sbyte> b3)
    {
        var pairs = Avx512BW.MultiplyAddAdjacent(a0, b0) + Avx512BW.MultiplyAddAdjacent(a1, b1)
            + Avx512BW.MultiplyAddAdjacent(a2, b2) + Avx512BW.MultiplyAddAdjacent(a3, b3);
        return Avx512BW.MultiplyAddAdjacent(pairs, Vector512.Create((short)1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Reaches(
        Vector512<int> sums, Vector512<float> scales, Vector512<float> rightResiduals, Vector512<float> rightNorms, float threshold, float norm, float residual)
    {
        var similarity = Vector512.ConvertToSingle(sums) * scales;
        var most = Vector512.FusedMultiplyAdd(Vector512.Create(norm), rightResiduals, similarity);
        most = Vector512.FusedMultiplyAdd(Vector512.Create(residual), rightNorms, most);
        return (uint)Vector512.GreaterThanOrEqual(most, Vector512.Create(threshold)).ExtractMostSignificantBits();
    }

    /// <summary>T, a second T that is not below it, A and C of <see cref="QuantisedRow"/> for each left row.</summary>
    public readonly ref struct LeftTerms(ReadOnlySpan<float> thresholds, ReadOnlySpan<float> keeps, ReadOnlySpan<float> norms, ReadOnlySpan<float> residuals)
    {
        public readonly ReadOnlySpan<float> Thresholds = thresholds;
        public readonly ReadOnlySpan<float> Keeps = keeps;
        public readonly ReadOnlySpan<float> Norms = norms;
        public readonly ReadOnlySpan<float> Residuals = residuals;
    }

    /// <summary>Where sums begin, and scale, |f| and |b'| of <see cref="QuantisedRow"/>, for each right row.</summary>
    public readonly ref struct RightTerms(
        ReadOnlySpan<int> starts, ReadOnlySpan<float> scales, ReadOnlySpan<float> residuals, ReadOnlySpan<float> roundedNorms)
    {
        public readonly ReadOnlySpan<int> Starts = starts;
        public readonly ReadOnlySpan<float> Scales = scales;
        public readonly ReadOnlySpan<float> Residuals = residuals;
        public readonly ReadOnlySpan<float> RoundedNorms = roundedNorms;
    }
}
