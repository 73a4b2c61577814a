using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;

namespace CpfPipeline.Nights.Drift;

/// <summary>The similarity of each query to the content nearest to it, from rows that arrive in blocks; a content is not compared with itself.</summary>
internal sealed class NearestSimilarities
{
    // Below any similarity that EmbeddingMatrix lets happen; no pair is reported.
    private const double Floor = -32;

    private readonly NearestNeighbours _nearest;
    private readonly BlockJoin _join;

    private NearestSimilarities(EmbeddingMatrix queries)
    {
        _nearest = new NearestNeighbours(queries.Count, 1, Floor);
        _join = new BlockJoin(queries, -Floor, _nearest);
    }

    public static NearestSimilarities Of(EmbeddingMatrix queries) => new(queries);

    public void Accept(EmbeddingMatrix block, CancellationToken cancellationToken) => _join.Accept(block, static (_, _, _) => { }, cancellationToken);

    /// <summary>Of queries that met any other content.</summary>
    public IEnumerable<double> Values()
    {
        for (var row = 0; row < _nearest.Rows; row++)
        {
            if (_nearest.Of(row) is [var first, ..])
            {
                yield return first.Similarity;
            }
        }
    }
}
