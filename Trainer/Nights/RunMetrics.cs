using System.Diagnostics.Metrics;

namespace CpfPipeline.Nights;

/// <summary>What is counted of runs.</summary>
public sealed class RunMetrics
{
    // A meter of the pipeline's name is collected with the services' own.
    private static readonly Meter Pipeline = new("CpfPipeline");
    private static readonly Counter<long> Runs = Pipeline.CreateCounter<long>("cpf.trainer.runs", "{run}", "Runs that have ended");
    private static readonly Counter<long> Backfilled = Pipeline.CreateCounter<long>("cpf.trainer.backfilled", "{content}", "Contents embedded from stored features");
    private static readonly Gauge<double> Churn = Pipeline.CreateGauge<double>("cpf.trainer.churn", "1", "Share of the contents in groups whose companions differ under the last candidate");

    public void Ended(string kind, string state) => Runs.Add(1, new("kind", kind), new KeyValuePair<string, object?>("state", state));

    public void Embedded(int contents) => Backfilled.Add(contents);

    public void Compared(double churn) => Churn.Record(churn);
}
