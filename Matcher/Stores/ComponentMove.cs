namespace CpfPipeline.Matcher.Stores;

/// <summary>Gives all members of some components one component id, without reading them.</summary>
/// <param name="From">The components.</param>
/// <param name="To">Their id from now on.</param>
/// <param name="Pending">Whether all their members are to be regrouped in the background.</param>
internal sealed record ComponentMove(IReadOnlyCollection<long> From, long To, bool Pending);
