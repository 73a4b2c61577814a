namespace CpfPipeline.Matcher.Grouping;

/// <summary>Existing components and arrivals that edges connect: they become one component.</summary>
/// <param name="Arrivals">Contents that come in.</param>
/// <param name="ComponentIds">Components that edges or departures touch.</param>
/// <param name="MayComeApart">Whether a content or an edge is gone, so that the components have to be computed afresh.</param>
internal sealed record TouchedComponent(IReadOnlyList<long> Arrivals, IReadOnlyList<long> ComponentIds, bool MayComeApart);
