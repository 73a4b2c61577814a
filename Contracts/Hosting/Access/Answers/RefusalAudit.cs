using System.Threading.RateLimiting;
using CpfPipeline.Data.Access;
using CpfPipeline.Data.Outages;
using Microsoft.Extensions.Logging;

namespace CpfPipeline.Hosting.Access.Answers;

/// <summary>
/// Writes down who was refused: keys and tokens that open nothing, links that were used, and requests that need another role. Whoever tries
/// without end must not fill the disk with it, so that a process writes one row a second at most, after a first minute's worth at once; the
/// next row tells how many are missing.
/// </summary>
public sealed class RefusalAudit(AccessDatabase database, ILogger<RefusalAudit> logger) : IDisposable
{
    /// <summary>The act of somebody who did not get in.</summary>
    public const string SignIn = "sign-in";

    private const int RowsAtOnce = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Strangers, who can try as often as they like, do not keep the others out of the audit.
    private readonly RowBucket _strangers = new();
    private readonly RowBucket _callers = new();

    /// <summary>Adds a row, even if the caller hangs up.</summary>
    /// <param name="actor">Who.</param>
    /// <param name="act">What was tried.</param>
    /// <param name="target">On what: a route, never an address with what people put into it.</param>
    /// <param name="why">What for, when the target does not tell; null otherwise.</param>
    public async Task AddAsync(Actor actor, string act, string? target, string? why = null)
    {
        var bucket = act == SignIn ? _strangers : _callers;
        if (!bucket.TryTake(out var missing))
        {
            return;
        }

        try
        {
            using var limit = new CancellationTokenSource(Patience);
            var rest = missing == 0 ? null : $"{missing} refusals before it are not listed";
            var detail = why is null || rest is null ? why ?? rest : $"{why}; {rest}";
            await AuditStore.AppendAsync(
                database.DataSource, new AuditEntry(actor, act, target, AuditOutcome.WasRefused, detail), limit.Token);
        }
        catch (Exception e) when (Outage.IsOne(e) || e is OperationCanceledException)
        {
            bucket.PutBack(missing + 1);
            Log.AuditPostponed(logger, e.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _strangers.Dispose();
        _callers.Dispose();
    }

    private sealed class RowBucket : IDisposable
    {
        private readonly TokenBucketRateLimiter _limiter = new(new TokenBucketRateLimiterOptions
        {
            TokenLimit = RowsAtOnce, TokensPerPeriod = 1, ReplenishmentPeriod = TimeSpan.FromSeconds(1), QueueLimit = 0,
            AutoReplenishment = true,
        });

        private long _missing;

        public bool TryTake(out long missing)
        {
            using var lease = _limiter.AttemptAcquire();
            missing = lease.IsAcquired ? Interlocked.Exchange(ref _missing, 0) : Interlocked.Increment(ref _missing);
            return lease.IsAcquired;
        }

        public void PutBack(long missing) => Interlocked.Add(ref _missing, missing);

        public void Dispose() => _limiter.Dispose();
    }
}
