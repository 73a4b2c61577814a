namespace CpfPipeline.Matcher.Pages.Addresses;

/// <summary>What a list is sorted by.</summary>
public enum ListKey
{
    /// <summary>A similarity, a double.</summary>
    Similarity,

    /// <summary>A count, an integer; negative where the largest comes first.</summary>
    Count,

    /// <summary>A time in UTC, to the microsecond.</summary>
    Time,
}
