using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Pressure;

/// <summary>
/// For requests that bring no pictures of their own: retractions are always taken, and feeds wait. They have the places of their caller all
/// the same.
/// </summary>
internal sealed class IntakePlaceFilter(IntakeGate gate, IOptions<IngestOptions> options)
    : IntakeGateFilter(gate, options, IntakeWay.Always);
