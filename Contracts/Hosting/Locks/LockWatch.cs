using CpfPipeline.Data.Locks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CpfPipeline.Hosting.Locks;

/// <summary>
/// Logs, again and again, that this service waits long for a lock, and who holds it. PostgreSQL knows that, so that who takes a lock
/// need not tell.
/// </summary>
internal sealed class LockWatch(NpgsqlDataSource dataSource, TimeProvider time, ILogger<LockWatch> logger) : BackgroundService
{
    /// <summary>A transaction that holds a lock for longer is out of the ordinary.</summary>
    public static readonly TimeSpan LongWait = TimeSpan.FromSeconds(30);

    private readonly string? _self = new NpgsqlConnectionStringBuilder(dataSource.ConnectionString).ApplicationName;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LongWait, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                foreach (var wait in (await LockWaits.ReadAsync(dataSource, LongWait, stoppingToken)).Where(w => w.Waiter == _self))
                {
                    Log.WaitsForLock(logger, wait.Lock, (long)wait.Seconds, wait.HolderPid, wait.Holder);
                }
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
            {
                // Whoever works with the database tells that it is away.
            }
        }
    }
}
