using System.Runtime.Intrinsics;
using CpfPipeline.Matching.Kernels;

namespace CpfPipeline.Matching.Embeddings;

/// <summary>
/// Similarity of two stored embeddings: their dot product, the same number on every machine.
/// </summary>
/// <remarks>
/// A finite half is a multiple of 2^-24, so each product is a multiple of 2^-48, and so is every sum of products. A double holds every multiple
/// of 2^-48 up to 2^5 exactly. Any partial sum, in any order, is at most sum |a_i b_i| &lt;= |a| |b| (Cauchy-Schwarz), so when |a| |b| &lt;= 32
/// no operation ever rounds: order, SIMD width, blocks and fused multiply-add make no difference. <see cref="EmbeddingMatrix"/> guarantees
/// |a|^2 &lt;= 16 for each row; stored embeddings are near unit norm.
/// </remarks>
public static class Similarity
{
    /// <summary>Dot product of two embeddings <c>[D]</c>, exact while |a| |b| &lt;= 32.</summary>
    /// <param name="left">Finite halves.</param>
    /// <param name="right">Finite halves, as many.</param>
    /// <exception cref="ArgumentException">The dimensions differ.</exception>
    public static double Exact(ReadOnlySpan<Half> left, ReadOnlySpan<Half> right)
    {
        if (left.Length != right.Length)
        {
            throw new ArgumentException($"Embeddings of dimension {left.Length} and {right.Length} cannot be compared.", nameof(right));
        }

        ref var leftBits = ref HalfRows.Bits(left);
        ref var rightBits = ref HalfRows.Bits(right);
        Vector256<double> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        var i = 0;
        for (; i <= left.Length - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            var (leftLower, leftUpper) = HalfRows.Load(ref leftBits, i);
            var (rightLower, rightUpper) = HalfRows.Load(ref rightBits, i);

            // 11-bit significands: the products are exact in float already, only the sums need double.
            var (product0, product1) = Vector256.Widen(leftLower * rightLower);
            var (product2, product3) = Vector256.Widen(leftUpper * rightUpper);
            sum0 += product0;
            sum1 += product1;
            sum2 += product2;
            sum3 += product3;
        }

        var sum = Vector256.Sum((sum0 + sum1) + (sum2 + sum3));
        for (; i < left.Length; i++)
        {
            sum += (double)left[i] * (double)right[i];
        }

        return sum;
    }
}
