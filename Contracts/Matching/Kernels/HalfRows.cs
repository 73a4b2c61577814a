using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CpfPipeline.Matching.Kernels;

/// <summary>Widens halves to floats, exactly, many at a time.</summary>
internal static class HalfRows
{
    /// <summary>Widens finite halves; both spans have the same length.</summary>
    public static void Widen(ReadOnlySpan<Half> source, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, source.Length, nameof(destination));
        ref var bits = ref Bits(source);
        ref var floats = ref MemoryMarshal.GetReference(destination);
        var i = 0;
        for (; i <= source.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var (lower, upper) = Load(ref bits, i);
            lower.StoreUnsafe(ref floats, (nuint)i);
            upper.StoreUnsafe(ref floats, (nuint)(i + Vector256<float>.Count));
        }

        for (; i < source.Length; i++)
        {
            destination[i] = (float)source[i];
        }
    }

    public static ref ushort Bits(ReadOnlySpan<Half> row) => ref MemoryMarshal.GetReference(MemoryMarshal.Cast<Half, ushort>(row));

    /// <summary>The 16 halves at <paramref name="index"/> as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<float> Lower, Vector256<float> Upper) Load(ref ushort bits, int index)
    {
        var (lower, upper) = Vector256.Widen(Vector256.LoadUnsafe(ref bits, (nuint)index));
        return (ToSingle(lower), ToSingle(upper));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> ToSingle(Vector256<uint> half)
    {
        // Exponents are rebiased by 112. A subnormal half is given exponent 113 (2^-14) and loses it again by subtraction: no step passes
        // through a subnormal float, so a library that switches a thread to flush-to-zero cannot change a similarity.
        // Infinities and NaN come out as finite values of 2^16 and more, which EmbeddingMatrix refuses by their norm.
        var sign = (half & Vector256.Create(0x8000u)) << 16;
        var magnitude = (half & Vector256.Create(0x7fffu)) << 13;
        var normal = magnitude + Vector256.Create(112u << 23);
        var subnormal = (magnitude + Vector256.Create(113u << 23)).AsSingle() - Vector256.Create(113u << 23).AsSingle();
        var isSubnormal = Vector256.LessThan(magnitude.AsInt32(), Vector256.Create(1 << 23)).AsUInt32();
        return (Vector256.ConditionalSelect(isSubnormal, subnormal.AsUInt32(), normal) | sign).AsSingle();
    }
}
