using System.Diagnostics;
using System.Diagnostics.Metrics;
using CpfPipeline.Data.Outages;
using Microsoft.Extensions.Logging;

namespace CpfPipeline.Hosting.Background;

/// <summary>Runs a step of background work. Logs and counts its failures.</summary>
/// <remarks>
/// A failed step is counted (<c>cpf.loop.failures</c>) and followed by a pause that doubles with each failure in a row. Each distinct error
/// is logged with its stack once. When it comes back later, one line says so; while the same error repeats, nothing more is logged.
/// </remarks>
/// <param name="name">Name of the work in logs and metrics.</param>
/// <param name="pause">Pause after the first failure.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Receives failures.</param>
internal sealed class GuardedStep(string name, TimeSpan pause, TimeProvider time, ILogger logger)
{
    private static readonly Counter<long> FailedSteps = CpfTelemetry.Meter.CreateCounter<long>(
        "cpf.loop.failures", "{step}", "Failed steps of background loops, by loop and error.");

    private readonly LoopBackoff _failures = Begin(name, pause);

    /// <summary>Runs the step once. Returns false when it failed, after the pause.</summary>
    /// <exception cref="OperationCanceledException">The service stops.</exception>
    public async Task<bool> TryAsync(Func<CancellationToken, Task> step, CancellationToken stoppingToken)
    {
        try
        {
            await step(stoppingToken);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Report(e), time, stoppingToken);
            return false;
        }

        if (_failures.Clear() is > 0 and var failures)
        {
            Log.LoopRecovered(logger, name, failures);
        }

        return true;
    }

    // Zero from the start: of a counter that appears with its first failure, an alert on the rate would miss that one.
    private static LoopBackoff Begin(string name, TimeSpan pause)
    {
        FailedSteps.Add(0, new KeyValuePair<string, object?>("loop", name));
        return new LoopBackoff(pause);
    }

    private TimeSpan Report(Exception e)
    {
        FailedSteps.Add(1, new TagList { { "loop", name }, { "error", e.GetType().Name } });
        var failure = _failures.Add(e);
        if (failure.IsNew)
        {
            var level = Outage.IsOne(e) ? LogLevel.Warning : LogLevel.Error;
            Log.LoopFailed(logger, level, e, name, failure.Pause.TotalSeconds);
        }
        else if (!failure.IsRepeated)
        {
            Log.LoopFailedAgain(logger, name, failure.Pause.TotalSeconds, e.Message);
        }

        return failure.Pause;
    }
}
