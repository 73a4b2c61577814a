using System.Diagnostics.Metrics;
using CpfPipeline.Hosting;

namespace CpfPipeline.Ingest.Pressure;

/// <summary>Whether this process takes anything in, and how much room there is.</summary>
internal sealed class IntakeGauges
{
    public IntakeGauges(IMeterFactory meters, IntakeGate gate)
    {
        var meter = meters.Create(CpfTelemetry.Name);
        meter.CreateObservableGauge(
            "cpf.ingest.open", () => gate.WhyClosed(IntakeWay.Queue) is null ? 1 : 0, null, "1 while images are taken in, else 0.");
        meter.CreateObservableGauge(
            "cpf.ingest.disk_free",
            () => gate.FreeDiskShare is { } share ? [new Measurement<double>(share)] : Array.Empty<Measurement<double>>(), "1",
            "Least free share of the disks that are written to.");
        meter.CreateObservableCounter(
            "cpf.ingest.requests_refused", () => gate.Refused, "{request}", "Requests answered with 429 because no more is taken in.");
    }
}
