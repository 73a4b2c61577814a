using System.Diagnostics.Metrics;
using CpfPipeline.Hosting;

namespace CpfPipeline.Trainer.Runs;

/// <summary>What is counted of runs.</summary>
internal sealed class RunMetrics
{
    private static readonly Counter<long> Runs = CpfTelemetry.Meter.CreateCounter<long>("cpf.trainer.runs", "{run}", "Runs that have ended");
    private static readonly Counter<long> Backfilled = CpfTelemetry.Meter.CreateCounter<long>("cpf.trainer.backfilled", "{content}", "Contents embedded from stored features");
    private static readonly Gauge<double> Churn = CpfTelemetry.Meter.CreateGauge<double>("cpf.trainer.churn", "1", "Share of the contents in groups whose companions differ under the last candidate");

    public void Ended(string kind, string state) => Runs.Add(1, new("kind", kind), new KeyValuePair<string, object?>("state", state));

    public void Embedded(int contents) => Backfilled.Add(contents);

    public void Compared(double churn) => Churn.Record(churn);
}
