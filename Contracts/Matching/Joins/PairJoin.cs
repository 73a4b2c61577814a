using CpfPipeline.Matching.Embeddings;

namespace CpfPipeline.Matching.Joins;

/// <summary>Exact joins of embeddings in memory; see <see cref="BlockJoin"/> for how, and for a right side that is streamed.</summary>
public static class PairJoin
{
    /// <summary>Reports (left row, right row, similarity) of every pair with similarity &gt;= tau, contents of equal id excepted.</summary>
    /// <param name="left">Left rows.</param>
    /// <param name="right">Right rows of the same dimension.</param>
    /// <param name="tau">Smallest similarity of a reported pair; finite.</param>
    /// <param name="sink">Never called by two threads at once; the order of calls is fixed only with one thread.</param>
    /// <param name="maxThreads">Threads at most; 0 means one per processor.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    public static void Join(
        EmbeddingMatrix left, EmbeddingMatrix right, double tau, Action<int, int, double> sink, int maxThreads = 0,
        CancellationToken cancellationToken = default) =>
        new BlockJoin(left, tau, null, maxThreads).Accept(right, sink, null, cancellationToken);

    /// <summary>Reports (i, j, similarity) of every pair of rows i &lt; j with similarity &gt;= tau.</summary>
    /// <inheritdoc cref="Join" path="/param"/>
    public static void SelfJoin(
        EmbeddingMatrix rows, double tau, Action<int, int, double> sink, int maxThreads = 0, Func<int, int, bool>? known = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(sink);
        new BlockJoin(rows, tau, null, maxThreads).Accept(rows, triangle: true, sink, known, null, cancellationToken);
    }
}
