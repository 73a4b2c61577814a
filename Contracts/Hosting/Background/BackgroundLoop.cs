using System.Diagnostics;
using System.Diagnostics.Metrics;
using CpfPipeline.Hosting.Health;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CpfPipeline.Hosting.Background;

/// <summary>Does one step of work again and again until the service stops, whatever goes wrong in it.</summary>
/// <remarks>
/// A failed step is counted (<c>cpf.loop.failures</c>) and tried again after a pause that doubles with each failure in a row. Each distinct
/// error is logged with its stack once. When it comes back later, one line says so; while the same error repeats, nothing more is logged.
/// </remarks>
/// <param name="name">Name of the loop in logs and metrics.</param>
/// <param name="pause">Time between the end of a step and the next one.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Receives failures.</param>
public abstract class BackgroundLoop(string name, TimeSpan pause, TimeProvider time, ILogger logger) : BackgroundService
{
    private static readonly Counter<long> FailedSteps = CpfTelemetry.Meter.CreateCounter<long>(
        "cpf.loop.failures", "{step}", "Failed steps of background loops");

    private readonly LoopFailures _failures = new(pause);

    /// <summary>The clock.</summary>
    protected TimeProvider Time { get; } = time;

    /// <summary>The logger.</summary>
    protected ILogger Logger { get; } = logger;

    /// <summary>The work. It may throw.</summary>
    protected abstract Task StepAsync(CancellationToken cancellationToken);

    /// <summary>Waits until the first step may be done.</summary>
    protected virtual Task BeforeFirstStepAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Waits between a step that succeeded and the next one.</summary>
    protected virtual Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(pause, Time, cancellationToken);

    /// <inheritdoc/>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // A step that does not wait must not hold up the start of the service.
        await BeforeFirstStepAsync(stoppingToken);
        while (true)
        {
            try
            {
                await StepAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                await Task.Delay(Report(e), Time, stoppingToken);
                continue;
            }

            if (_failures.Clear() is > 0 and var failures)
            {
                Log.LoopRecovered(Logger, name, failures);
            }

            await WaitAsync(stoppingToken);
        }
    }

    private TimeSpan Report(Exception e)
    {
        FailedSteps.Add(1, new TagList { { "loop", name }, { "error", e.GetType().Name } });
        var failure = _failures.Add(e);
        if (failure.IsNew)
        {
            var level = BrokenServers.IsServerTrouble(e) ? LogLevel.Warning : LogLevel.Error;
            Log.LoopFailed(Logger, level, e, name, failure.Pause.TotalSeconds);
        }
        else if (!failure.IsRepeated)
        {
            Log.LoopFailedAgain(Logger, name, failure.Pause.TotalSeconds, e.Message);
        }

        return failure.Pause;
    }
}
