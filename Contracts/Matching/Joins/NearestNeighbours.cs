namespace CpfPipeline.Matching.Joins;

/// <summary>The k nearest contents of each left row, down to a floor; equal similarities are decided by the smaller content id.</summary>
/// <remarks>Filled by <see cref="BlockJoin"/>. The result does not depend on the order of blocks or rows. Each content is to be offered once.</remarks>
public sealed class NearestNeighbours
{
    private readonly Neighbour[][] _neighbours;
    private readonly int[] _counts;

    /// <param name="rows">Left rows.</param>
    /// <param name="count">Neighbours to keep a row (k &gt;= 1).</param>
    /// <param name="floor">Smallest similarity that counts as a neighbour.</param>
    public NearestNeighbours(int rows, int count, double floor)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(double.IsFinite(floor), true, nameof(floor));
        _neighbours = new Neighbour[rows][];
        Array.Fill(_neighbours, []);
        _counts = new int[rows];
        Limit = count;
        Floor = floor;
    }

    /// <summary>Left rows.</summary>
    public int Rows => _neighbours.Length;

    /// <summary>Neighbours kept a row (k).</summary>
    public int Limit { get; }

    /// <summary>Smallest similarity that counts as a neighbour.</summary>
    public double Floor { get; }

    /// <summary>The neighbours of a left row: similarity falling, then content id rising.</summary>
    public ReadOnlySpan<Neighbour> Of(int row) => _neighbours[row].AsSpan(0, _counts[row]);

    /// <summary>Offers a content to a row; not safe for two threads on the same row. Returns whether it is now among the nearest.</summary>
    public bool Offer(int row, long contentId, double similarity)
    {
        var candidate = new Neighbour(contentId, similarity);
        var count = _counts[row];
        if (!(similarity >= Floor) || (count == Limit && !Before(candidate, _neighbours[row][count - 1])))
        {
            return false;
        }

        if (count == _neighbours[row].Length && count < Limit)
        {
            Array.Resize(ref _neighbours[row], Math.Min(Limit, Math.Max(4, 2 * count)));
        }

        var at = count == Limit ? count - 1 : count;
        _counts[row] = at + 1;
        var neighbours = _neighbours[row];
        for (; at > 0 && Before(candidate, neighbours[at - 1]); at--)
        {
            neighbours[at] = neighbours[at - 1];
        }

        neighbours[at] = candidate;
        return true;
    }

    /// <summary>Nothing below this similarity can still become a neighbour of the row.</summary>
    internal double LeastSimilarity(int row) => _counts[row] == Limit ? _neighbours[row][Limit - 1].Similarity : Floor;

    private static bool Before(Neighbour left, Neighbour right) =>
        left.Similarity > right.Similarity || (left.Similarity == right.Similarity && left.ContentId < right.ContentId);
}
