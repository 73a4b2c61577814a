using CpfPipeline.Data.Locks;
using CpfPipeline.Hosting.Background;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CpfPipeline.Hosting.Locks;

/// <summary>
/// Logs repeatedly that this service waits long for a lock, and which session holds it. PostgreSQL knows both, so code that takes a lock
/// need not report anything.
/// </summary>
internal sealed class LockWatch(NpgsqlDataSource dataSource, TimeProvider time, ILogger<LockWatch> logger)
    : BackgroundLoop("lock watch", LongWait, time, logger)
{
    /// <summary>No ordinary transaction holds a lock for longer.</summary>
    public static readonly TimeSpan LongWait = TimeSpan.FromSeconds(30);

    private readonly string? _self = new NpgsqlConnectionStringBuilder(dataSource.ConnectionString).ApplicationName;

    protected override Task BeforeFirstStepAsync(CancellationToken cancellationToken) => Task.Delay(LongWait, Time, cancellationToken);

    protected override async Task StepAsync(CancellationToken cancellationToken)
    {
        foreach (var wait in (await LockWaits.ReadAsync(dataSource, LongWait, cancellationToken)).Where(w => w.Waiter == _self))
        {
            Log.WaitsForLock(Logger, wait.Lock, (long)wait.Seconds, wait.HolderPid, wait.Holder);
        }
    }
}
