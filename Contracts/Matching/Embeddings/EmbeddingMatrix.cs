using System.Runtime.InteropServices;

namespace CpfPipeline.Matching.Embeddings;

/// <summary>
/// Embeddings <c>[N,D] half</c> in memory, two bytes a value, each row with its content id. Rows are added one by one and never change.
/// Reading is safe from several threads while no thread adds.
/// </summary>
public sealed class EmbeddingMatrix
{
    /// <summary>A row's squared norm may not exceed this: up to twice as much all sums stay exact (see <see cref="Similarity"/>).</summary>
    public const double MaxSquaredNorm = 16;

    private readonly ChunkedRows<Half> _rows;
    private readonly List<long> _contentIds;

    /// <param name="dimension">Values a row, D &gt;= 1.</param>
    /// <param name="capacity">Rows to reserve; more can be added.</param>
    public EmbeddingMatrix(int dimension, int capacity = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        _rows = new ChunkedRows<Half>(dimension, capacity);
        _contentIds = new List<long>(capacity);
    }

    /// <summary>Values a row (D).</summary>
    public int Dimension => _rows.Width;

    /// <summary>Rows (N).</summary>
    public int Count => _contentIds.Count;

    /// <summary>The rows' content ids, in order of adding; valid until the next <see cref="Add"/>.</summary>
    public ReadOnlySpan<long> ContentIds => CollectionsMarshal.AsSpan(_contentIds);

    /// <summary>
    /// Whether a join keeps its rounded copy of the rows for the next one: for a matrix that many small joins use. It takes half as much
    /// memory again, and only one join may run at a time.
    /// </summary>
    public bool KeepsRounded { get; init; }

    /// <summary>See <see cref="KeepsRounded"/>.</summary>
    internal List<RoundedBlock> Rounded { get; } = [];

    /// <summary>The largest squared norm of any row added since the last <see cref="Clear"/>; 0 without rows.</summary>
    public double LargestSquaredNorm { get; private set; }

    /// <summary>Content id of a row.</summary>
    public long ContentId(int row) => _contentIds[row];

    /// <summary>The embedding <c>[D]</c> of a row.</summary>
    public ReadOnlySpan<Half> Row(int row) => _rows[row];

    /// <summary>Appends a row and returns its index.</summary>
    /// <exception cref="ArgumentException">The embedding has another dimension, a value that is not finite, or a squared norm above
    /// <see cref="MaxSquaredNorm"/>; the message names the content.</exception>
    public int Add(long contentId, ReadOnlySpan<Half> embedding)
    {
        if (embedding.Length != Dimension)
        {
            throw new ArgumentException(
                $"Embedding of content {contentId} has dimension {embedding.Length}, expected {Dimension}.", nameof(embedding));
        }

        // Anything not finite widens to at least 2^16 here, so one comparison finds both faults.
        var squaredNorm = Similarity.Exact(embedding, embedding);
        if (!(squaredNorm <= MaxSquaredNorm))
        {
            throw new ArgumentException(Fault(contentId, embedding, squaredNorm), nameof(embedding));
        }

        embedding.CopyTo(_rows.Append());
        _contentIds.Add(contentId);
        LargestSquaredNorm = Math.Max(LargestSquaredNorm, squaredNorm);
        return Count - 1;
    }

    /// <summary>Removes all rows and keeps the memory: one matrix can serve every block of a stream.</summary>
    public void Clear()
    {
        _rows.Clear();
        _contentIds.Clear();
        Rounded.Clear();
        LargestSquaredNorm = 0;
    }

    private static string Fault(long contentId, ReadOnlySpan<Half> embedding, double squaredNorm)
    {
        for (var i = 0; i < embedding.Length; i++)
        {
            if (!Half.IsFinite(embedding[i]))
            {
                return $"Embedding of content {contentId} is not finite: value {i} is {embedding[i]}.";
            }
        }

        return $"Embedding of content {contentId} has squared norm {squaredNorm:g6}, above {MaxSquaredNorm}: "
            + "embeddings are to be L2-normalised.";
    }
}
