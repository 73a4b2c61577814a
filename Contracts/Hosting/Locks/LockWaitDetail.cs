using CpfPipeline.Data.Locks;
using CpfPipeline.Hosting.Health;
using Npgsql;

namespace CpfPipeline.Hosting.Locks;

/// <summary>Who has waited long for a lock, and who holds it, whichever service it is: <c>lock_waits</c> in <c>GET /health</c>.</summary>
internal sealed class LockWaitDetail(NpgsqlDataSource dataSource) : IHealthDetail
{
    public string Name => "lock_waits";

    public async ValueTask<object?> GetAsync(CancellationToken cancellationToken) =>
        await LockWaits.ReadAsync(dataSource, LockWatch.LongWait, cancellationToken);
}
