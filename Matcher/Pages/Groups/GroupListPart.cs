using CpfPipeline.Matcher.Pages.Addresses;

namespace CpfPipeline.Matcher.Pages.Groups;

/// <summary>A part of the list of groups.</summary>
/// <param name="Groups">Its groups.</param>
/// <param name="Next">Where the list goes on; null at its end.</param>
/// <param name="IsCut">
/// Whether the search stopped before the page was full, because the filter fits few groups: there may be more from <paramref name="Next"/>.
/// </param>
public sealed record GroupListPart(IReadOnlyList<ListedGroup> Groups, ListPlace<long>? Next, bool IsCut);
