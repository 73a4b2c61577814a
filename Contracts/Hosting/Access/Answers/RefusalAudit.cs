using System.Threading.RateLimiting;
using CpfPipeline.Data.Access;
using CpfPipeline.Hosting.Outages;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CpfPipeline.Hosting.Access.Answers;

/// <summary>
/// Writes down who was refused: keys and tokens that open nothing, links that were used, and requests that need another role. Whoever tries
/// without end must not fill the disk with it, so that a process writes one row a second at most, after a first minute's worth at once; the
/// next row tells how many are missing.
/// </summary>
public sealed class RefusalAudit(NpgsqlDataSource dataSource, ILogger<RefusalAudit> logger) : IDisposable
{
    private const int RowsAtOnce = 60;

    private readonly TokenBucketRateLimiter _limiter = new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = RowsAtOnce, TokensPerPeriod = 1, ReplenishmentPeriod = TimeSpan.FromSeconds(1), QueueLimit = 0,
        AutoReplenishment = true,
    });

    private long _missing;

    /// <summary>Adds a row.</summary>
    /// <param name="actor">Who.</param>
    /// <param name="act">What was tried.</param>
    /// <param name="target">On what: a route, never an address with what people put into it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task AddAsync(Actor actor, string act, string? target, CancellationToken cancellationToken)
    {
        using var lease = _limiter.AttemptAcquire();
        if (!lease.IsAcquired)
        {
            Interlocked.Increment(ref _missing);
            return;
        }

        var missing = Interlocked.Exchange(ref _missing, 0);
        try
        {
            var detail = missing == 0 ? null : $"{missing} refusals before it are not listed";
            await AuditStore.AppendAsync(
                dataSource, new AuditEntry(actor, act, target, AuditOutcome.Refused, detail), cancellationToken);
        }
        catch (Exception e) when (Outage.IsOne(e))
        {
            Interlocked.Add(ref _missing, missing + 1);
            Log.AuditPostponed(logger, e.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _limiter.Dispose();
}
