using CpfPipeline.Data.Models;

namespace CpfPipeline.Matcher.Probes;

/// <summary>What the catalogue holds around a probe.</summary>
/// <param name="Model">The model that was asked.</param>
/// <param name="Nearest">The nearest members, the nearest first.</param>
/// <param name="Place">Where it would be.</param>
public sealed record ProbeResult(ServingModel Model, IReadOnlyList<ProbeNeighbour> Nearest, ProbePlace Place);
