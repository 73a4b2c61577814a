namespace CpfPipeline.Matcher.Stores;

/// <summary>What is known of a component without reading its members.</summary>
/// <param name="ComponentId">Its id.</param>
/// <param name="Size">Members.</param>
/// <param name="Pending">Whether a member is pending.</param>
/// <param name="SmallestRemaining">Smallest content id of those that stay; null when none does.</param>
internal readonly record struct ComponentSize(long ComponentId, int Size, bool Pending, long? SmallestRemaining);
