using CpfPipeline.Matcher.Search;
using CpfPipeline.Matching.Joins;

namespace CpfPipeline.Matcher.Tiles;

/// <summary>Computes a tile.</summary>
internal static class TileJoin
{
    /// <summary>
    /// Compares the left side with the right one. What comes out depends on the arguments alone, except for the choice of the edges: every
    /// choice spans the same components.
    /// </summary>
    /// <param name="rules">What is looked for.</param>
    /// <param name="left">The left side.</param>
    /// <param name="right">The right side, which may contain the left one.</param>
    /// <param name="different">Pairs of positions, the smaller one first, with the verdict <c>different</c>: they have no edge.</param>
    /// <param name="newPrefilter">How candidates are found.</param>
    /// <param name="maxThreads">Threads at most; 0 means one per processor.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    public static TileResult Run(
        JoinRules rules, PositionedRows left, PositionedRows right, IReadOnlySet<(long, long)> different,
        PrefilterFactory newPrefilter, int maxThreads, CancellationToken cancellationToken)
    {
        var kept = new TileNeighbours([.. left.Rows.ContentIds], rules);
        var forest = new EdgeForest(right.Count + left.Count);
        var (leftNodes, rightNodes) = (NodesOf(left), NodesOf(right));
        bool IsBelowDiagonal(int row, int other) => right.Rows.ContentId(other) < left.Rows.ContentId(row);

        kept.NewJoin(left.Rows, newPrefilter, maxThreads).Accept(
            right.Rows,
            (row, other, _) =>
            {
                var (a, b) = (left.Rows.ContentId(row), right.Rows.ContentId(other));
                if (a < b && !(different.Count > 0 && different.Contains((a, b))))
                {
                    forest.Add(leftNodes[row], rightNodes[other], a, b);
                }
            },
            (row, other) => IsBelowDiagonal(row, other) || forest.AreConnected(leftNodes[row], rightNodes[other]),
            cancellationToken);
        return new TileResult(forest.Edges, kept);

        // A content that is on both sides is one node.
        int[] NodesOf(PositionedRows side)
        {
            var nodes = new int[side.Rows.Count];
            for (var row = 0; row < nodes.Length; row++)
            {
                var position = (int)side.Rows.ContentId(row);
                var inRange = position - right.First;
                nodes[row] = inRange >= 0 && inRange < right.Count ? inRange : right.Count + position - left.First;
            }

            return nodes;
        }
    }
}
