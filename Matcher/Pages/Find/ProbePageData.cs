using CpfPipeline.Matcher.Pages.Pictures;
using CpfPipeline.Matcher.Probes;

namespace CpfPipeline.Matcher.Pages.Find;

/// <summary>What the page of a probe shows.</summary>
/// <param name="Result">What the catalogue holds around it.</param>
/// <param name="Nearest">The nearest pictures.</param>
/// <param name="Thumbnail">The probe as a small WebP; empty when there is none.</param>
public sealed record ProbePageData(
    ProbeResult Result, IReadOnlyList<(ProbeNeighbour Neighbour, ShownPicture Picture)> Nearest, byte[] Thumbnail);
