using CpfPipeline.Data.Matching;
using CpfPipeline.Matcher.Search;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Grouping;
using CpfPipeline.Matching.Joins;

namespace CpfPipeline.Matcher.Handover;

/// <summary>Joins contents exactly with each other, some rows at a time, so that what is kept for explanation never is in memory as a whole.</summary>
internal sealed class WholeJoin(
    EmbeddingMatrix contents, double threshold, VerdictSet verdicts, MatcherOptions options, int maxThreads, int chunkRows = 16_384)
{
    private readonly ConnectedComponents _components = new(contents.ContentIds);

    /// <summary>Rows joined with all at a time.</summary>
    public int ChunkRows => chunkRows;

    /// <summary>Joins the rows from <paramref name="first"/> on with all.</summary>
    /// <returns>What is kept of them for explanation: pairs at or above the threshold and the nearest below, as searches and reconciles keep them.</returns>
    public HashSet<MatchRow> Run(int first, CancellationToken cancellationToken)
    {
        var left = new EmbeddingMatrix(contents.Dimension, Math.Min(chunkRows, contents.Count - first));
        for (var row = first; row < contents.Count && left.Count < chunkRows; row++)
        {
            left.Add(contents.ContentId(row), contents.Row(row));
        }

        var nearest = new NearestNeighbours(left.Count, options.NearestKept, options.NearestFloor(threshold));
        var matching = new NearestNeighbours(left.Count, options.PairsKept, threshold);
        new BlockJoin(left, threshold, nearest, maxThreads, matches: matching).Accept(
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
        var pairs = new HashSet<MatchRow>();
        KeptPairs.Add(pairs, left, nearest);
        KeptPairs.Add(pairs, left, matching);
        return pairs;
    }

    /// <summary>The components of the edges, once all rows have been joined.</summary>
    public ConnectedComponents Finish()
    {
        var rows = new Dictionary<long, int>(contents.Count);
        for (var row = 0; row < contents.Count; row++)
        {
            rows.Add(contents.ContentId(row), row);
        }

        foreach (var (a, b) in verdicts.Same)
        {
            if (rows.TryGetValue(a, out var left) && rows.TryGetValue(b, out var right))
            {
                _components.Union(left, right);
            }
        }

        return _components;
    }
}
