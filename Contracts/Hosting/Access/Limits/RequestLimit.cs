using System.Threading.RateLimiting;
using CpfPipeline.Hosting.Access.Callers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Hosting.Access.Limits;

/// <summary>Limits the requests of each key or person; those of strangers by their address.</summary>
public sealed class RequestLimit : IDisposable
{
    private readonly StrangerLimit _strangers;
    private readonly PartitionedRateLimiter<HttpContext> _callers;

    /// <param name="options">The rates.</param>
    /// <param name="strangers">Those of strangers.</param>
    public RequestLimit(IOptions<LimitOptions> options, StrangerLimit strangers)
    {
        _strangers = strangers;
        _callers = PartitionedRateLimiter.Create<HttpContext, string>(http => RateLimitPartition.GetTokenBucketLimiter(
            PartitionOf(http),
            _ => StrangerLimit.Bucket(options.Value.RequestsAtOnce, options.Value.RequestsPerSecond)));
    }

    /// <summary>Counts a request.</summary>
    public RateLimitLease Take(HttpContext http) =>
        http.User.Identity is { IsAuthenticated: true } ? _callers.AttemptAcquire(http) : _strangers.Take(http);

    /// <inheritdoc/>
    public void Dispose() => _callers.Dispose();

    private static string PartitionOf(HttpContext http) => Caller.Of(http) is { Scheme: not AccessScheme.Anonymous } caller
        ? caller.Subject : $"{AccessScheme.Anonymous} {StrangerLimit.AddressOf(http)}";
}
