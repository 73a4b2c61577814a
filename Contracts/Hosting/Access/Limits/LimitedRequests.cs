using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CpfPipeline.Hosting.Access.Limits;

/// <summary>Answers 429 to those who ask too much.</summary>
public static class LimitedRequests
{
    /// <summary>Comes behind routing and authentication.</summary>
    public static void UseRequestLimits(this IApplicationBuilder app)
    {
        var limit = app.ApplicationServices.GetRequiredService<RequestLimit>();
        app.Use((http, next) => TakeAsync(limit, http, next));
    }

    private static async Task TakeAsync(RequestLimit limit, HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<NotLimited>() is not null)
        {
            await next(http);
            return;
        }

        using var lease = limit.Take(http);
        if (lease.IsAcquired)
        {
            await next(http);
            return;
        }

        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
        http.Response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await Results.Problem(
            "Too many requests. Ask again after the seconds in Retry-After.", statusCode: StatusCodes.Status429TooManyRequests)
            .ExecuteAsync(http);
    }
}
