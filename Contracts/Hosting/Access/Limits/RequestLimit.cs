using System.Threading.RateLimiting;
using CpfPipeline.Hosting.Access.Callers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Hosting.Access.Limits;

/// <summary>Limits the requests of each key or person; those of strangers by their address.</summary>
public sealed class RequestLimit : IDisposable
{
    private readonly StrangerLimit _strangers;
    // More than these wait: a burst is no attack.
    private const int WaitingPerPlace = 8;

    private readonly PartitionedRateLimiter<HttpContext> _callers;
    private readonly PartitionedRateLimiter<HttpContext> _places;

    /// <param name="options">The rates.</param>
    /// <param name="strangers">Those of strangers.</param>
    public RequestLimit(IOptions<LimitOptions> options, StrangerLimit strangers)
    {
        _strangers = strangers;
        _callers = PartitionedRateLimiter.Create<HttpContext, string>(http => RateLimitPartition.GetTokenBucketLimiter(
            PartitionOf(http),
            _ => StrangerLimit.Bucket(options.Value.RequestsAtOnce, options.Value.RequestsPerSecond)));
        _places = PartitionedRateLimiter.Create<HttpContext, string>(http => RateLimitPartition.GetConcurrencyLimiter(
            PartitionOf(http),
            _ => new ConcurrencyLimiterOptions
            {
                PermitLimit = options.Value.RequestsUnderWay, QueueLimit = options.Value.RequestsUnderWay * WaitingPerPlace,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            }));
    }

    /// <summary>Counts a request.</summary>
    public RateLimitLease Take(HttpContext http) =>
        http.User.Identity is { IsAuthenticated: true } ? _callers.AttemptAcquire(http) : _strangers.Take(http);

    /// <summary>Waits for a place, so that nobody has all of the service's connections to the database.</summary>
    public ValueTask<RateLimitLease> EnterAsync(HttpContext http) => _places.AcquireAsync(http, 1, http.RequestAborted);

    /// <inheritdoc/>
    public void Dispose()
    {
        _callers.Dispose();
        _places.Dispose();
    }

    private static string PartitionOf(HttpContext http) => Caller.Of(http) is { Scheme: not (null or AccessScheme.Anonymous) } caller
        ? caller.Subject : $"{AccessScheme.Anonymous} {StrangerLimit.AddressOf(http)}";
}
