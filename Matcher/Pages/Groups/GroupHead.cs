namespace CpfPipeline.Matcher.Pages.Groups;

/// <summary>A group as a whole.</summary>
/// <param name="GroupId">Its id.</param>
/// <param name="Size">Pictures in it.</param>
/// <param name="MinPairSimilarity">Similarity of its two most distant pictures.</param>
/// <param name="WeakestMerge">Lowest mean similarity at which two parts of it were merged.</param>
/// <param name="Medoid">The picture nearest to all others on average.</param>
/// <param name="ChangedAt">When it last changed; null for a picture that stands alone.</param>
/// <param name="Pending">Whether it waits to be regrouped in the background.</param>
public sealed record GroupHead(
    long GroupId, int Size, double MinPairSimilarity, double WeakestMerge, long Medoid, DateTimeOffset? ChangedAt, bool Pending);
