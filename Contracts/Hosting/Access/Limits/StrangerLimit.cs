using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Hosting.Access.Limits;

/// <summary>
/// Limits requests without a valid key by their address, so that nobody tries keys by the thousand. An IPv6 address stands for its network
/// of 64 bits, which one customer has for themselves.
/// </summary>
public sealed class StrangerLimit : IDisposable
{
    private const int NetworkBytes = 8;
    private static readonly object TakenLease = new();

    private readonly PartitionedRateLimiter<HttpContext> _limiter;

    /// <param name="options">The rates.</param>
    public StrangerLimit(IOptions<LimitOptions> options) => _limiter = PartitionedRateLimiter.Create<HttpContext, string>(
        http => RateLimitPartition.GetTokenBucketLimiter(
            AddressOf(http), _ => Bucket(options.Value.StrangersAtOnce, options.Value.StrangersPerSecond)));

    /// <summary>Counts a request whose key must be looked up.</summary>
    /// <returns>false: the address has used up what it may ask now.</returns>
    public bool TakeForLookUp(HttpContext http)
    {
        var lease = Take(http);
        http.Response.RegisterForDispose(lease);
        return lease.IsAcquired;
    }

    /// <summary>Whether an address may try something now; nothing is counted.</summary>
    public bool MayTry(HttpContext http)
    {
        using var lease = _limiter.AttemptAcquire(http, permitCount: 0);
        return lease.IsAcquired;
    }

    /// <summary>Counts a request, once.</summary>
    public RateLimitLease Take(HttpContext http)
    {
        if (http.Items[TakenLease] is RateLimitLease taken)
        {
            return taken;
        }

        var lease = _limiter.AttemptAcquire(http);
        http.Items[TakenLease] = lease;
        return lease;
    }

    /// <inheritdoc/>
    public void Dispose() => _limiter.Dispose();

    internal static TokenBucketRateLimiterOptions Bucket(int atOnce, int perSecond) => new()
    {
        TokenLimit = Math.Max(atOnce, perSecond),
        TokensPerPeriod = perSecond,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
        AutoReplenishment = true,
    };

    internal static string AddressOf(HttpContext http)
    {
        var address = http.Connection.RemoteIpAddress;
        return address switch
        {
            null => "",
            { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
            { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexString(address.GetAddressBytes().AsSpan(0, NetworkBytes)),
            _ => address.ToString(),
        };
    }
}
