using CpfPipeline.Matcher.Search;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Grouping;

namespace CpfPipeline.Matcher.Handover;

/// <summary>
/// Joins contents exactly with each other, a chunk of rows at a time: the pairs kept for explanation are never in memory all at once.
/// </summary>
internal sealed class WholeJoin(
    EmbeddingMatrix contents, double threshold, VerdictSet verdicts, MatcherOptions options, int maxThreads, int chunkRows = 16_384)
{
    private readonly ConnectedComponents _components = new(contents.ContentIds);

    /// <summary>Rows joined with all others at a time.</summary>
    public int ChunkRows => chunkRows;

    /// <summary>Joins the rows from <paramref name="first"/> on with all rows.</summary>
    /// <returns>What is kept of them for explanation, by the same rule as after searches and reconciles.</returns>
    public HashSet<MatchRow> Run(int first, CancellationToken cancellationToken)
    {
        var left = new EmbeddingMatrix(contents.Dimension, Math.Min(chunkRows, contents.Count - first));
        for (var row = first; row < contents.Count && left.Count < chunkRows; row++)
        {
            left.Add(contents.ContentId(row), contents.Row(row));
        }

        var kept = new KeptPairs(left, options, threshold);
        kept.NewJoin(maxThreads).Accept(
            contents,
            (row, other, _) =>
            {
                if (!verdicts.AreDifferent(left.ContentId(row), contents.ContentId(other)))
                {
                    _components.Union(first + row, other);
                }
            },
            (row, other) => other < first + row || _components.AreSurelyConnected(first + row, other),
            cancellationToken);
        return kept.ToRows();
    }

    /// <summary>The components of the edges, once all rows have been joined.</summary>
    public ConnectedComponents Finish()
    {
        verdicts.UniteSame(_components, Enumerable.Range(0, contents.Count).ToDictionary(contents.ContentId));
        return _components;
    }
}
