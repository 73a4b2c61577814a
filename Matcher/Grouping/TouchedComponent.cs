namespace CpfPipeline.Matcher.Grouping;

/// <summary>What becomes one component, as far as known: existing components and new contents with edges between them.</summary>
/// <param name="Arrivals">Contents that come in.</param>
/// <param name="ComponentIds">Components that edges or departures touch.</param>
/// <param name="MayComeApart">Whether something left or an edge went, so that connectivity is to be computed afresh.</param>
internal sealed record TouchedComponent(IReadOnlyList<long> Arrivals, IReadOnlyList<long> ComponentIds, bool MayComeApart);
