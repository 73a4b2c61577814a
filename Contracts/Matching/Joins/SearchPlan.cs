namespace CpfPipeline.Matching.Joins;

/// <summary>Chooses between searching the index for each arrival and one exact join of all arrivals with all rows.</summary>
public static class SearchPlan
{
    // Measured on two cores, 100,000 x 256 halves: 210 to 250 HNSW searches a second at ef 200; all rows streamed from Postgres in about a
    // second; the blocked product does at least 150e9 multiply-adds a second where it has whole numbers of one byte (join.md), 40e9 in float.
    private const double SecondsASearch = 0.004;
    private const double SecondsAJoin = 0.02;
    private const double SecondsAStreamedValue = 1.0 / (100_000.0 * 256);
    private const double SecondsAMultiplyAdd = 1 / 150e9;

    /// <summary>Whether a blocked join over all rows is expected to be cheaper than <paramref name="arrivals"/> index searches.</summary>
    /// <param name="arrivals">Contents to be matched.</param>
    /// <param name="rows">Embeddings stored under the head.</param>
    /// <param name="dimension">Values an embedding.</param>
    /// <param name="indexed">Whether there is an index; without one the answer is always yes.</param>
    public static bool ShouldJoin(long arrivals, long rows, int dimension, bool indexed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(arrivals);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        if (!indexed)
        {
            return true;
        }

        var values = (double)rows * dimension;
        var join = SecondsAJoin + (values * SecondsAStreamedValue) + (values * arrivals * SecondsAMultiplyAdd);
        return join < arrivals * SecondsASearch;
    }
}
