using CpfPipeline.Data.Locks;
using CpfPipeline.Hosting.Health;
using Npgsql;

namespace CpfPipeline.Hosting.Locks;

/// <summary>
/// Which sessions of any service have waited long for a lock, and which session holds it: <c>lock_waits</c> in <c>GET /health</c>.
/// </summary>
internal sealed class LockWaitDetail(NpgsqlDataSource dataSource) : IHealthDetail
{
    public string Name => "lock_waits";

    public async ValueTask<object?> GetAsync(CancellationToken cancellationToken) =>
        await LockWaits.ReadAsync(dataSource, LockWatch.LongWait, cancellationToken);
}
