using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CpfPipeline.Matching.Kernels;

/// <summary>
/// The innermost product: a panel of left rows times a strip of right rows, all sums in registers.
/// </summary>
/// <remarks>
/// Both operands are packed value by value: <c>panel[k * PanelRows + row]</c>, <c>strip[k * StripRows + row]</c>. Each step loads two vectors of the strip
/// and multiplies them by every broadcast value of the panel, so 512-bit machines keep 24 of 32 registers as sums (12 x 2), others 12 of 16 (6 x 2).
/// The loops are unrolled by hand because the compiler keeps only named locals in registers.
/// </remarks>
internal static class TileKernel
{
    /// <summary>Left rows a panel.</summary>
    public static readonly int PanelRows = Vector512.IsHardwareAccelerated ? 12 : 6;

    /// <summary>Right rows a strip.</summary>
    public static readonly int StripRows = Vector512.IsHardwareAccelerated ? 32 : 16;

    /// <summary>Whether any product reaches its left row's threshold. Only then <paramref name="products"/> is written, row by row.</summary>
    /// <param name="panel"><c>[depth, PanelRows]</c></param>
    /// <param name="strip"><c>[depth, StripRows]</c></param>
    /// <param name="depth">Values a row.</param>
    /// <param name="thresholds"><c>[PanelRows]</c></param>
    /// <param name="products"><c>[PanelRows, StripRows]</c></param>
    public static bool Multiply(ReadOnlySpan<float> panel, ReadOnlySpan<float> strip, int depth, ReadOnlySpan<float> thresholds, Span<float> products)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(panel.Length, depth * PanelRows, nameof(panel));
        ArgumentOutOfRangeException.ThrowIfLessThan(strip.Length, depth * StripRows, nameof(strip));
        ArgumentOutOfRangeException.ThrowIfLessThan(thresholds.Length, PanelRows, nameof(thresholds));
        ArgumentOutOfRangeException.ThrowIfLessThan(products.Length, PanelRows * StripRows, nameof(products));
        ref var a = ref Unsafe.AsRef(in panel[0]);
        ref var b = ref Unsafe.AsRef(in strip[0]);
        ref var t = ref Unsafe.AsRef(in thresholds[0]);
        return Vector512.IsHardwareAccelerated
            ? Multiply512(ref a, ref b, depth, ref t, ref products[0])
            : Multiply256(ref a, ref b, depth, ref t, ref products[0]);
    }

    internal static bool Multiply512(ref float panel, ref float strip, int depth, ref float thresholds, ref float products)
    {
        Vector512<float> c0L = default, c0R = default;
        Vector512<float> c1L = default, c1R = default;
        Vector512<float> c2L = default, c2R = default;
        Vector512<float> c3L = default, c3R = default;
        Vector512<float> c4L = default, c4R = default;
        Vector512<float> c5L = default, c5R = default;
        Vector512<float> c6L = default, c6R = default;
        Vector512<float> c7L = default, c7R = default;
        Vector512<float> c8L = default, c8R = default;
        Vector512<float> c9L = default, c9R = default;
        Vector512<float> c10L = default, c10R = default;
        Vector512<float> c11L = default, c11R = default;
        for (var k = 0; k < depth; k++)
        {
            var left = Vector512.LoadUnsafe(ref strip);
            var right = Vector512.LoadUnsafe(ref strip, 16);
            var a = Vector512.Create(panel);
            c0L = Vector512.FusedMultiplyAdd(a, left, c0L);
            c0R = Vector512.FusedMultiplyAdd(a, right, c0R);
            a = Vector512.Create(Unsafe.Add(ref panel, 1));
            c1L = Vector512.FusedMultiplyAdd(a, left, c1L);
            c1R = Vector512.FusedMultiplyAdd(a, right, c1R);
            a = Vector512.Create(Unsafe.Add(ref panel, 2));
            c2L = Vector512.FusedMultiplyAdd(a, left, c2L);
            c2R = Vector512.FusedMultiplyAdd(a, right, c2R);
            a = Vector512.Create(Unsafe.Add(ref panel, 3));
            c3L = Vector512.FusedMultiplyAdd(a, left, c3L);
            c3R = Vector512.FusedMultiplyAdd(a, right, c3R);
            a = Vector512.Create(Unsafe.Add(ref panel, 4));
            c4L = Vector512.FusedMultiplyAdd(a, left, c4L);
            c4R = Vector512.FusedMultiplyAdd(a, right, c4R);
            a = Vector512.Create(Unsafe.Add(ref panel, 5));
            c5L = Vector512.FusedMultiplyAdd(a, left, c5L);
            c5R = Vector512.FusedMultiplyAdd(a, right, c5R);
            a = Vector512.Create(Unsafe.Add(ref panel, 6));
            c6L = Vector512.FusedMultiplyAdd(a, left, c6L);
            c6R = Vector512.FusedMultiplyAdd(a, right, c6R);
            a = Vector512.Create(Unsafe.Add(ref panel, 7));
            c7L = Vector512.FusedMultiplyAdd(a, left, c7L);
            c7R = Vector512.FusedMultiplyAdd(a, right, c7R);
            a = Vector512.Create(Unsafe.Add(ref panel, 8));
            c8L = Vector512.FusedMultiplyAdd(a, left, c8L);
            c8R = Vector512.FusedMultiplyAdd(a, right, c8R);
            a = Vector512.Create(Unsafe.Add(ref panel, 9));
            c9L = Vector512.FusedMultiplyAdd(a, left, c9L);
            c9R = Vector512.FusedMultiplyAdd(a, right, c9R);
            a = Vector512.Create(Unsafe.Add(ref panel, 10));
            c10L = Vector512.FusedMultiplyAdd(a, left, c10L);
            c10R = Vector512.FusedMultiplyAdd(a, right, c10R);
            a = Vector512.Create(Unsafe.Add(ref panel, 11));
            c11L = Vector512.FusedMultiplyAdd(a, left, c11L);
            c11R = Vector512.FusedMultiplyAdd(a, right, c11R);
            panel = ref Unsafe.Add(ref panel, 12);
            strip = ref Unsafe.Add(ref strip, 32);
        }

        var hit = false;
        hit |= Reaches(c0L, c0R, Unsafe.Add(ref thresholds, 0));
        hit |= Reaches(c1L, c1R, Unsafe.Add(ref thresholds, 1));
        hit |= Reaches(c2L, c2R, Unsafe.Add(ref thresholds, 2));
        hit |= Reaches(c3L, c3R, Unsafe.Add(ref thresholds, 3));
        hit |= Reaches(c4L, c4R, Unsafe.Add(ref thresholds, 4));
        hit |= Reaches(c5L, c5R, Unsafe.Add(ref thresholds, 5));
        hit |= Reaches(c6L, c6R, Unsafe.Add(ref thresholds, 6));
        hit |= Reaches(c7L, c7R, Unsafe.Add(ref thresholds, 7));
        hit |= Reaches(c8L, c8R, Unsafe.Add(ref thresholds, 8));
        hit |= Reaches(c9L, c9R, Unsafe.Add(ref thresholds, 9));
        hit |= Reaches(c10L, c10R, Unsafe.Add(ref thresholds, 10));
        hit |= Reaches(c11L, c11R, Unsafe.Add(ref thresholds, 11));
        if (!hit)
        {
            return false;
        }

        c0L.StoreUnsafe(ref products, 0);
        c0R.StoreUnsafe(ref products, 16);
        c1L.StoreUnsafe(ref products, 32);
        c1R.StoreUnsafe(ref products, 48);
        c2L.StoreUnsafe(ref products, 64);
        c2R.StoreUnsafe(ref products, 80);
        c3L.StoreUnsafe(ref products, 96);
        c3R.StoreUnsafe(ref products, 112);
        c4L.StoreUnsafe(ref products, 128);
        c4R.StoreUnsafe(ref products, 144);
        c5L.StoreUnsafe(ref products, 160);
        c5R.StoreUnsafe(ref products, 176);
        c6L.StoreUnsafe(ref products, 192);
        c6R.StoreUnsafe(ref products, 208);
        c7L.StoreUnsafe(ref products, 224);
        c7R.StoreUnsafe(ref products, 240);
        c8L.StoreUnsafe(ref products, 256);
        c8R.StoreUnsafe(ref products, 272);
        c9L.StoreUnsafe(ref products, 288);
        c9R.StoreUnsafe(ref products, 304);
        c10L.StoreUnsafe(ref products, 320);
        c10R.StoreUnsafe(ref products, 336);
        c11L.StoreUnsafe(ref products, 352);
        c11R.StoreUnsafe(ref products, 368);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Reaches(Vector512<float> left, Vector512<float> right, float threshold) =>
        Vector512.GreaterThanOrEqualAny(Vector512.Max(left, right), Vector512.Create(threshold));

    internal static bool Multiply256(ref float panel, ref float strip, int depth, ref float thresholds, ref float products)
    {
        Vector256<float> c0L = default, c0R = default;
        Vector256<float> c1L = default, c1R = default;
        Vector256<float> c2L = default, c2R = default;
        Vector256<float> c3L = default, c3R = default;
        Vector256<float> c4L = default, c4R = default;
        Vector256<float> c5L = default, c5R = default;
        for (var k = 0; k < depth; k++)
        {
            var left = Vector256.LoadUnsafe(ref strip);
            var right = Vector256.LoadUnsafe(ref strip, 8);
            var a = Vector256.Create(panel);
            c0L = Vector256.FusedMultiplyAdd(a, left, c0L);
            c0R = Vector256.FusedMultiplyAdd(a, right, c0R);
            a = Vector256.Create(Unsafe.Add(ref panel, 1));
            c1L = Vector256.FusedMultiplyAdd(a, left, c1L);
            c1R = Vector256.FusedMultiplyAdd(a, right, c1R);
            a = Vector256.Create(Unsafe.Add(ref panel, 2));
            c2L = Vector256.FusedMultiplyAdd(a, left, c2L);
            c2R = Vector256.FusedMultiplyAdd(a, right, c2R);
            a = Vector256.Create(Unsafe.Add(ref panel, 3));
            c3L = Vector256.FusedMultiplyAdd(a, left, c3L);
            c3R = Vector256.FusedMultiplyAdd(a, right, c3R);
            a = Vector256.Create(Unsafe.Add(ref panel, 4));
            c4L = Vector256.FusedMultiplyAdd(a, left, c4L);
            c4R = Vector256.FusedMultiplyAdd(a, right, c4R);
            a = Vector256.Create(Unsafe.Add(ref panel, 5));
            c5L = Vector256.FusedMultiplyAdd(a, left, c5L);
            c5R = Vector256.FusedMultiplyAdd(a, right, c5R);
            panel = ref Unsafe.Add(ref panel, 6);
            strip = ref Unsafe.Add(ref strip, 16);
        }

        var hit = false;
        hit |= Reaches(c0L, c0R, Unsafe.Add(ref thresholds, 0));
        hit |= Reaches(c1L, c1R, Unsafe.Add(ref thresholds, 1));
        hit |= Reaches(c2L, c2R, Unsafe.Add(ref thresholds, 2));
        hit |= Reaches(c3L, c3R, Unsafe.Add(ref thresholds, 3));
        hit |= Reaches(c4L, c4R, Unsafe.Add(ref thresholds, 4));
        hit |= Reaches(c5L, c5R, Unsafe.Add(ref thresholds, 5));
        if (!hit)
        {
            return false;
        }

        c0L.StoreUnsafe(ref products, 0);
        c0R.StoreUnsafe(ref products, 8);
        c1L.StoreUnsafe(ref products, 16);
        c1R.StoreUnsafe(ref products, 24);
        c2L.StoreUnsafe(ref products, 32);
        c2R.StoreUnsafe(ref products, 40);
        c3L.StoreUnsafe(ref products, 48);
        c3R.StoreUnsafe(ref products, 56);
        c4L.StoreUnsafe(ref products, 64);
        c4R.StoreUnsafe(ref products, 72);
        c5L.StoreUnsafe(ref products, 80);
        c5R.StoreUnsafe(ref products, 88);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Reaches(Vector256<float> left, Vector256<float> right, float threshold) =>
        Vector256.GreaterThanOrEqualAny(Vector256.Max(left, right), Vector256.Create(threshold));
}
