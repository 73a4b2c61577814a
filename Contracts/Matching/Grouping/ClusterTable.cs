using System.Numerics;
using System.Runtime.InteropServices;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Kernels;

namespace CpfPipeline.Matching.Grouping;

/// <summary>
/// Clusters under agglomeration. Slot i starts as the member with the i-th smallest content id; a merged cluster lives on in the smaller
/// slot. So the order of slots is the order of cluster ids, whatever the order of the input rows.
/// </summary>
/// <remarks>
/// A cluster keeps its mean as float for quick estimates, and, once it has more than one member, the exact sum of its rows in units of
/// 2^-24: |value| &lt;= 4, so a sum over n members is below n 2^26 and fits a long for every n that fits an int.
/// </remarks>
internal sealed class ClusterTable
{
    private readonly EmbeddingMatrix _members;
    private readonly int[] _rows;
    private readonly int[] _sizes;
    private readonly long[]?[] _sums;
    private readonly HashSet<int>?[] _separated;
    private readonly ChunkedRows<float> _means;
    private readonly long[] _leftUnits;
    private readonly long[] _rightUnits;

    /// <param name="members">All contents.</param>
    /// <param name="rows">Row of each slot's content.</param>
    public ClusterTable(EmbeddingMatrix members, int[] rows)
    {
        _members = members;
        _rows = rows;
        _sizes = new int[rows.Length];
        Array.Fill(_sizes, 1);
        _sums = new long[rows.Length][];
        _separated = new HashSet<int>?[rows.Length];
        var width = (members.Dimension + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count;
        _means = new ChunkedRows<float>(width, rows.Length);
        foreach (var row in rows)
        {
            var mean = _means.Append();
            mean.Clear();
            HalfRows.Widen(members.Row(row), mean[..members.Dimension]);
        }

        _leftUnits = new long[members.Dimension];
        _rightUnits = new long[members.Dimension];

        // The mean of rows is no longer than the longest of them.
        ErrorBound = FloatBound.Of(members.Dimension, members.LargestSquaredNorm, members.LargestSquaredNorm);
    }

    public int Dimension => _members.Dimension;

    /// <summary>How far <see cref="Estimate"/> may be from the exact mean.</summary>
    public double ErrorBound { get; }

    /// <summary>The slots that a <c>different</c> verdict keeps apart from this one; null for none.</summary>
    public HashSet<int>? SeparatedFrom(int slot) => _separated[slot];

    /// <summary>Mean <c>[D]</c> of a cluster, rounded to float.</summary>
    public ReadOnlySpan<float> Mean(int slot) => _means[slot][.._members.Dimension];

    /// <summary>Mean cross similarity of a cluster with each of <paramref name="slots"/>, in float.</summary>
    public void Estimate(int slot, ReadOnlySpan<int> slots, Span<float> estimates)
    {
        var width = _means.Width;
        ref var query = ref MemoryMarshal.GetReference(_means[slot]);
        var i = 0;
        for (; i <= slots.Length - 4; i += 4)
        {
            ref var row0 = ref MemoryMarshal.GetReference(_means[slots[i]]);
            ref var row1 = ref MemoryMarshal.GetReference(_means[slots[i + 1]]);
            ref var row2 = ref MemoryMarshal.GetReference(_means[slots[i + 2]]);
            ref var row3 = ref MemoryMarshal.GetReference(_means[slots[i + 3]]);
            Vector<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
            for (var k = 0; k < width; k += Vector<float>.Count)
            {
                var value = Vector.LoadUnsafe(ref query, (nuint)k);
                sum0 = Vector.FusedMultiplyAdd(value, Vector.LoadUnsafe(ref row0, (nuint)k), sum0);
                sum1 = Vector.FusedMultiplyAdd(value, Vector.LoadUnsafe(ref row1, (nuint)k), sum1);
                sum2 = Vector.FusedMultiplyAdd(value, Vector.LoadUnsafe(ref row2, (nuint)k), sum2);
                sum3 = Vector.FusedMultiplyAdd(value, Vector.LoadUnsafe(ref row3, (nuint)k), sum3);
            }

            estimates[i] = Vector.Sum(sum0);
            estimates[i + 1] = Vector.Sum(sum1);
            estimates[i + 2] = Vector.Sum(sum2);
            estimates[i + 3] = Vector.Sum(sum3);
        }

        for (; i < slots.Length; i++)
        {
            ref var row = ref MemoryMarshal.GetReference(_means[slots[i]]);
            Vector<float> sum = default;
            for (var k = 0; k < width; k += Vector<float>.Count)
            {
                sum = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref query, (nuint)k), Vector.LoadUnsafe(ref row, (nuint)k), sum);
            }

            estimates[i] = Vector.Sum(sum);
        }
    }

    /// <summary>Mean cross similarity of several clusters with each of <paramref name="slots"/>, in float. Any number of threads.</summary>
    /// <param name="queries">The clusters.</param>
    /// <param name="slots">The others.</param>
    /// <param name="estimates">The mean of query i and slot j goes to <c>i * stride + j</c>.</param>
    /// <param name="stride">Distance of the queries' results.</param>
    public void EstimateEach(ReadOnlySpan<int> queries, ReadOnlySpan<int> slots, Span<float> estimates, int stride)
    {
        // Four queries by two rows: eight sums, and each value read serves several of them.
        var paired = slots.Length / 2 * 2;
        var i = 0;
        for (; i <= queries.Length - 4; i += 4)
        {
            var results = estimates[(i * stride)..];
            ref var query0 = ref MemoryMarshal.GetReference(_means[queries[i]]);
            ref var query1 = ref MemoryMarshal.GetReference(_means[queries[i + 1]]);
            ref var query2 = ref MemoryMarshal.GetReference(_means[queries[i + 2]]);
            ref var query3 = ref MemoryMarshal.GetReference(_means[queries[i + 3]]);
            for (var j = 0; j < paired; j += 2)
            {
                ref var row0 = ref MemoryMarshal.GetReference(_means[slots[j]]);
                ref var row1 = ref MemoryMarshal.GetReference(_means[slots[j + 1]]);
                Vector<float> sum00 = default, sum01 = default, sum10 = default, sum11 = default;
                Vector<float> sum20 = default, sum21 = default, sum30 = default, sum31 = default;
                for (var k = 0; k < _means.Width; k += Vector<float>.Count)
                {
                    var (left, right) = (Vector.LoadUnsafe(ref row0, (nuint)k), Vector.LoadUnsafe(ref row1, (nuint)k));
                    var query = Vector.LoadUnsafe(ref query0, (nuint)k);
                    sum00 = Vector.FusedMultiplyAdd(query, left, sum00);
                    sum01 = Vector.FusedMultiplyAdd(query, right, sum01);
                    query = Vector.LoadUnsafe(ref query1, (nuint)k);
                    sum10 = Vector.FusedMultiplyAdd(query, left, sum10);
                    sum11 = Vector.FusedMultiplyAdd(query, right, sum11);
                    query = Vector.LoadUnsafe(ref query2, (nuint)k);
                    sum20 = Vector.FusedMultiplyAdd(query, left, sum20);
                    sum21 = Vector.FusedMultiplyAdd(query, right, sum21);
                    query = Vector.LoadUnsafe(ref query3, (nuint)k);
                    sum30 = Vector.FusedMultiplyAdd(query, left, sum30);
                    sum31 = Vector.FusedMultiplyAdd(query, right, sum31);
                }

                (results[j], results[j + 1]) = (Vector.Sum(sum00), Vector.Sum(sum01));
                (results[stride + j], results[stride + j + 1]) = (Vector.Sum(sum10), Vector.Sum(sum11));
                (results[(2 * stride) + j], results[(2 * stride) + j + 1]) = (Vector.Sum(sum20), Vector.Sum(sum21));
                (results[(3 * stride) + j], results[(3 * stride) + j + 1]) = (Vector.Sum(sum30), Vector.Sum(sum31));
            }

            for (var rest = 0; rest < 4 && paired < slots.Length; rest++)
            {
                Estimate(queries[i + rest], slots[paired..], results[((rest * stride) + paired)..]);
            }
        }

        for (; i < queries.Length; i++)
        {
            Estimate(queries[i], slots, estimates[(i * stride)..]);
        }
    }

    /// <summary>Mean cross similarity of two clusters, exact.</summary>
    public ExactMean Exact(int left, int right)
    {
        var pairs = (long)_sizes[left] * _sizes[right];
        if (pairs == 1)
        {
            var similarity = Similarity.Exact(_members.Row(_rows[left]), _members.Row(_rows[right]));
            return new ExactMean((long)(similarity * (1L << 48)), 1);
        }

        var (leftUnits, rightUnits) = (Units(left, _leftUnits), Units(right, _rightUnits));
        return new ExactMean(pairs <= 1024 ? ShortProduct(leftUnits, rightUnits) : LongProduct(leftUnits, rightUnits), pairs);
    }

    /// <summary>Merges <paramref name="right"/> into <paramref name="left"/>, the smaller slot.</summary>
    public void Merge(int left, int right)
    {
        var sum = _sums[left] ?? Units(left, new long[_members.Dimension]);
        var added = Units(right, _rightUnits);
        for (var k = 0; k < sum.Length; k++)
        {
            sum[k] += added[k];
        }

        _sums[left] = sum;
        _sums[right] = null;
        _sizes[left] += _sizes[right];
        var mean = _means[left];
        var scale = 1.0 / (1 << 24);
        for (var k = 0; k < sum.Length; k++)
        {
            mean[k] = (float)(sum[k] * scale / _sizes[left]);
        }

        if (_separated[right] is { } others)
        {
            foreach (var other in others)
            {
                _separated[other]!.Remove(right);
                Separate(left, other);
            }

            _separated[right] = null;
        }
    }

    /// <summary>Keeps two clusters apart.</summary>
    public void Separate(int left, int right)
    {
        (_separated[left] ??= []).Add(right);
        (_separated[right] ??= []).Add(left);
    }

    private long[] Units(int slot, long[] scratch)
    {
        if (_sums[slot] is { } sum)
        {
            return sum;
        }

        var row = _members.Row(_rows[slot]);
        for (var k = 0; k < row.Length; k++)
        {
            scratch[k] = (long)((float)row[k] * (1 << 24));
        }

        return scratch;
    }

    /// <summary>The result of at most 1024 pairs is below 2^62; sums on the way may wrap around, which does not change it.</summary>
    private static long ShortProduct(long[] left, long[] right)
    {
        var sum = 0L;
        for (var k = 0; k < left.Length; k++)
        {
            sum = unchecked(sum + (left[k] * right[k]));
        }

        return sum;
    }

    private static Int128 LongProduct(long[] left, long[] right)
    {
        Int128 sum = 0;
        for (var k = 0; k < left.Length; k++)
        {
            var high = Math.BigMul(left[k], right[k], out var low);
            sum += new Int128((ulong)high, (ulong)low);
        }

        return sum;
    }
}
