namespace CpfPipeline.Matcher.Search;

/// <summary>How neighbours of arrivals are found.</summary>
public enum SearchMode
{
    /// <summary>The cheaper of the two by estimate.</summary>
    Auto,

    /// <summary>Always an exact join.</summary>
    Join,

    /// <summary>The index where there is one.</summary>
    Index,
}
