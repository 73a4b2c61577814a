namespace CpfPipeline.Matcher.Tiles;

/// <summary>What a tile compares.</summary>
/// <param name="Left">The block.</param>
/// <param name="Right">The range.</param>
/// <param name="RightIds">The contents of the range by position, counted from its first; -1: erased.</param>
/// <param name="Different">Pairs of positions between the two, the smaller one first, that have the verdict <c>different</c>.</param>
internal sealed record TileInput(
    PositionedRows Left, PositionedRows Right, IReadOnlyList<long> RightIds, IReadOnlySet<(long, long)> Different)
{
    /// <summary>The pairs with the verdict <c>different</c> between two sides.</summary>
    /// <param name="different">All pairs of contents with that verdict.</param>
    /// <param name="left">Positions of the left side by content.</param>
    /// <param name="right">Positions of the right side by content.</param>
    public static HashSet<(long, long)> DifferentBetween(
        IReadOnlyCollection<(long A, long B)> different, IReadOnlyDictionary<long, int> left, IReadOnlyDictionary<long, int> right)
    {
        var pairs = new HashSet<(long, long)>();
        foreach (var (a, b) in different)
        {
            foreach (var (x, y) in new[] { (a, b), (b, a) })
            {
                if (left.TryGetValue(x, out var own) && right.TryGetValue(y, out var other))
                {
                    pairs.Add((Math.Min(own, other), Math.Max(own, other)));
                }
            }
        }

        return pairs;
    }
}
