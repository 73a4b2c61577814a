using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Kernels;

namespace CpfPipeline.Matching.Grouping;

/// <summary>
/// The smallest similarity within a large group: blocked float products of negated rows find what may be below the smallest one known,
/// which is then decided exactly.
/// </summary>
/// <param name="members">The embeddings.</param>
/// <param name="rows">The group's rows; those whose similarities to each other are known come last.</param>
/// <param name="unknown">How many rows come before them.</param>
/// <param name="knownMin">Their smallest similarity; positive infinity for fewer than two.</param>
internal sealed class MinSimilaritySearch(EmbeddingMatrix members, IReadOnlyList<int> rows, int unknown, double knownMin)
{
    private readonly double _bound = FloatBound.Of(members.Dimension, members.LargestSquaredNorm, members.LargestSquaredNorm);
    private readonly Lock _gate = new();
    private double _min;

    /// <summary>Of at least two rows.</summary>
    public double Find(int maxThreads, CancellationToken cancellationToken)
    {
        _min = knownMin;
        for (var i = 1; unknown > 0 && i < rows.Count; i++)
        {
            Consider(0, i);
        }

        var product = new BlockedProduct(members.Dimension, maxThreads);
        var blockRows = BlockedProduct.BlockRows(members.Dimension);
        for (var start = 0; unknown > 0 && start < rows.Count; start += blockRows)
        {
            var (first, count) = (start, Math.Min(blockRows, rows.Count - start));
            product.Pack((row, values) => HalfRows.Widen(members.Row(rows[row]), values), first, count, cancellationToken);
            product.Multiply(
                Negated, Math.Min(first + count, unknown), _ => FloatBound.Threshold(-Volatile.Read(ref _min), _bound),
                () => new Sink(this, first), cancellationToken);
        }

        return _min;
    }

    private void Negated(int row, Span<float> values)
    {
        HalfRows.Widen(members.Row(rows[row]), values);
        for (var k = 0; k < values.Length; k++)
        {
            values[k] = -values[k];
        }
    }

    private void Consider(int left, int right)
    {
        var similarity = Similarity.Exact(members.Row(rows[left]), members.Row(rows[right]));
        lock (_gate)
        {
            _min = Math.Min(_min, similarity);
        }
    }

    private sealed class Sink(MinSimilaritySearch owner, int blockStart) : IHitSink
    {
        public void Hit(int left, int right, float product)
        {
            if (left < blockStart + right)
            {
                owner.Consider(left, blockStart + right);
            }
        }

        public void Flush()
        {
        }
    }
}
