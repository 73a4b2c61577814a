namespace CpfPipeline.Matcher.Search;

/// <summary>Chooses between searching the index for each arrival and one exact join of all arrivals with all members.</summary>
/// <remarks>
/// Measured on two cores, 100,000 x 256 halves: 210 to 250 HNSW searches per second at ef 200; members streamed from Postgres in about a
/// second; a blocked product of at least 150e9 multiply-adds per second where it has whole numbers of one byte, 40e9 in float
/// (tests/Benchmarks/results/join.md).
/// </remarks>
internal static class SearchPlan
{
    private const double SecondsPerSearch = 0.004;
    private const double SecondsPerMultiplyAdd = 1 / 150e9;
    private const double SecondsPerStream = 0.02;
    private const double SecondsPerStreamedValue = 1.0 / (100_000.0 * 256);
    private const double SecondsPerValueInMemory = 1 / 10e9;

    /// <summary>Whether a join with members in memory is expected to be cheaper than index searches.</summary>
    /// <inheritdoc cref="ShouldStream" path="/param"/>
    public static bool ShouldJoinInMemory(long arrivals, long members, int dimension, bool indexed) =>
        ShouldJoin(arrivals, members, dimension, indexed, secondsAtLeast: 0, SecondsPerValueInMemory);

    /// <summary>Whether a join with members streamed from Postgres is expected to be cheaper than index searches.</summary>
    /// <param name="arrivals">Contents to be matched.</param>
    /// <param name="members">Members of the model.</param>
    /// <param name="dimension">Values per embedding.</param>
    /// <param name="indexed">Whether there is an index; without one the answer is always yes.</param>
    public static bool ShouldStream(long arrivals, long members, int dimension, bool indexed) =>
        ShouldJoin(arrivals, members, dimension, indexed, SecondsPerStream, SecondsPerStreamedValue);

    private static bool ShouldJoin(long arrivals, long members, int dimension, bool indexed, double secondsAtLeast, double secondsPerValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(arrivals);
        ArgumentOutOfRangeException.ThrowIfNegative(members);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        if (!indexed)
        {
            return true;
        }

        var values = (double)members * dimension;
        return secondsAtLeast + (values * secondsPerValue) + (values * arrivals * SecondsPerMultiplyAdd) < arrivals * SecondsPerSearch;
    }
}
