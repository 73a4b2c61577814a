using System.Diagnostics;
using OpenTelemetry;

namespace CpfPipeline.Hosting.Telemetry.Traces;

/// <summary>Leaves out spans of statements that belong to no work: loops, and Hangfire's, ask all the time.</summary>
internal sealed class StatementsWithoutWork : BaseProcessor<Activity>
{
    /// <summary>Npgsql's source of spans.</summary>
    public const string Source = "Npgsql";

    /// <inheritdoc/>
    public override void OnEnd(Activity data)
    {
        if (data.ParentSpanId == default && data.Source.Name == Source)
        {
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded; // The exporter, which comes next, takes recorded ones only.
        }
    }
}
