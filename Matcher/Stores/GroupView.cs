namespace CpfPipeline.Matcher.Stores;

/// <summary>A match group with its images and cohesion.</summary>
/// <param name="GroupId">Smallest content id: a handle.</param>
/// <param name="ModelId">The model.</param>
/// <param name="Contents">Distinct contents.</param>
/// <param name="Pending">Whether a member waits for its large component to be regrouped.</param>
/// <param name="MinPairSimilarity">Similarity of the two most distant contents; 1 for copies of one content.</param>
/// <param name="Medoid">The content to show.</param>
/// <param name="WeakestMerge">Lowest mean similarity at which two parts were merged; 1 for copies of one content.</param>
/// <param name="Members">Its images, by source and external id.</param>
internal sealed record GroupView(
    long GroupId, long ModelId, int Contents, bool Pending, double MinPairSimilarity, long Medoid, double WeakestMerge,
    IReadOnlyList<GroupImage> Members);
