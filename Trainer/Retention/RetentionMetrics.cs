using System.Diagnostics.Metrics;
using CpfPipeline.Hosting;

namespace CpfPipeline.Trainer.Retention;

/// <summary>What is counted of the removal of old rows.</summary>
internal sealed class RetentionMetrics
{
    private static readonly Counter<long> Removed = CpfTelemetry.Meter.CreateCounter<long>(
        "cpf.retention.removed", "{row}", "Old rows that were removed, by what they are.");

    /// <summary>Counters begin at zero.</summary>
    public RetentionMetrics()
    {
        foreach (var kind in RetentionKind.All)
        {
            Count(kind, 0);
        }
    }

    /// <param name="kind">One of <see cref="RetentionKind"/>.</param>
    /// <param name="rows">How many.</param>
    public void Count(string kind, long rows) => Removed.Add(rows, new KeyValuePair<string, object?>("kind", kind));
}
