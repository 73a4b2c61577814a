using System.Diagnostics.Metrics;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Nights;

/// <summary>What is counted of runs.</summary>
public sealed class RunMetrics
{
    // Meters of this name are collected together with the services' own.
    private static readonly Meter Pipeline = new("CpfPipeline");
    private static readonly Counter<long> Runs = Pipeline.CreateCounter<long>("cpf.trainer.runs", "{run}", "Runs that have ended.");
    private static readonly Counter<long> Backfilled = Pipeline.CreateCounter<long>(
        "cpf.trainer.backfilled", "{content}", "Contents embedded from stored features.");

    private static readonly Gauge<double> Drift = Pipeline.CreateGauge<double>(
        "cpf.trainer.drift", null, "Population stability index of the nearest similarities of new contents, as last computed here.");

    /// <summary>Counters begin at zero.</summary>
    public RunMetrics()
    {
        Backfilled.Add(0);
        foreach (var kind in new[] { TrainingRunKind.Training, TrainingRunKind.Threshold, TrainingRunKind.Activation })
        {
            foreach (var state in new[] { TrainingRunState.Finished, TrainingRunState.Refused, TrainingRunState.Failed })
            {
                Count(kind, state, 0);
            }
        }
    }

    public void Ended(string kind, string state) => Count(kind, state, 1);

    public void Embedded(int contents) => Backfilled.Add(contents);

    /// <param name="index">Population stability index, 0 or more.</param>
    public void Drifted(double index) => Drift.Record(index);

    private static void Count(string kind, string state, int runs) =>
        Runs.Add(runs, new("kind", kind), new KeyValuePair<string, object?>("state", state));
}
