using CpfPipeline.Matcher.Pages.Pictures;

namespace CpfPipeline.Matcher.Pages.Groups;

/// <summary>A group in the list.</summary>
/// <param name="GroupId">Its id.</param>
/// <param name="Size">Pictures in it.</param>
/// <param name="WeakestMerge">Lowest mean similarity at which two parts of it were merged.</param>
/// <param name="Medoid">The picture to show for it.</param>
/// <param name="ChangedAt">When it last changed.</param>
/// <param name="Key">What the list is sorted by.</param>
/// <param name="Pictures">A few of its pictures, the medoid first.</param>
public sealed record ListedGroup(
    long GroupId, int Size, double WeakestMerge, long Medoid, DateTimeOffset ChangedAt, object Key, IReadOnlyList<ShownPicture> Pictures);
