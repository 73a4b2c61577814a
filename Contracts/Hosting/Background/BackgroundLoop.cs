using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CpfPipeline.Hosting.Background;

/// <summary>
/// Repeats one step of work until the service stops, whatever fails. A failed step is logged, counted, and tried again after a pause that
/// doubles with each failure in a row.
/// </summary>
/// <param name="name">Name of the loop in logs and metrics.</param>
/// <param name="pause">Time between the end of a step and the next one.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Receives failures.</param>
public abstract class BackgroundLoop(string name, TimeSpan pause, TimeProvider time, ILogger logger) : BackgroundService
{
    private readonly GuardedStep _guard = new(name, pause, time, logger);

    /// <summary>The clock.</summary>
    protected TimeProvider Time { get; } = time;

    /// <summary>The logger.</summary>
    protected ILogger Logger { get; } = logger;

    /// <summary>The work. It may throw.</summary>
    protected abstract Task StepAsync(CancellationToken cancellationToken);

    /// <summary>Waits until the first step may run.</summary>
    protected virtual Task BeforeFirstStepAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Waits between a step that succeeded and the next one.</summary>
    protected virtual Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(pause, Time, cancellationToken);

    /// <summary>Runs when the service stops. Waits for work that the steps have started.</summary>
    protected virtual Task AfterLastStepAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // A step that does not wait must not hold up the start of the service.
        try
        {
            await BeforeFirstStepAsync(stoppingToken);
            while (true)
            {
                if (await _guard.TryAsync(StepAsync, stoppingToken))
                {
                    await WaitAsync(stoppingToken);
                }
            }
        }
        finally
        {
            await AfterLastStepAsync();
        }
    }
}
