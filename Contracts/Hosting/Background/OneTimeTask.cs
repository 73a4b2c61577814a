using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CpfPipeline.Hosting.Background;

/// <summary>
/// Does one piece of work after the start of the service, and tries again until it is done. A failure is logged, counted, and followed by a
/// pause that doubles with each failure in a row.
/// </summary>
/// <param name="name">Name of the work in logs and metrics.</param>
/// <param name="pause">Time between two tries.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Receives failures.</param>
public abstract class OneTimeTask(string name, TimeSpan pause, TimeProvider time, ILogger logger) : BackgroundService
{
    private readonly GuardedStep _guard = new(name, pause, time, logger);

    /// <summary>The logger.</summary>
    protected ILogger Logger { get; } = logger;

    /// <summary>The work. Returns whether it is done; it may throw.</summary>
    protected abstract Task<bool> TryAsync(CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // Work that does not wait must not hold up the start of the service.
        var isDone = false;
        while (!isDone)
        {
            if (await _guard.TryAsync(async token => isDone = await TryAsync(token), stoppingToken) && !isDone)
            {
                await Task.Delay(pause, time, stoppingToken);
            }
        }
    }
}
