using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace CpfPipeline.Hosting.Telemetry;

/// <summary>
/// Names the span of a request after its route, and takes the path out: a link that signs a browser in is a secret, and others name
/// pictures. What supervisors and scrapers ask again and again has no span.
/// </summary>
internal sealed class RequestSpans : IStartupFilter
{
    /// <summary>ASP.NET Core's source of spans.</summary>
    public const string Source = "Microsoft.AspNetCore";

    private const string Route = "http.route";
    private const string RequestPath = "url.path";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(DescribeAsync);
        next(app);
    };

    private static async Task DescribeAsync(HttpContext http, RequestDelegate next)
    {
        if (http.Features.Get<IHttpActivityFeature>()?.Activity is not { } span)
        {
            await next(http);
            return;
        }

        span.SetTag(RequestPath, null);
        if (IsAskedAgainAndAgain(http.Request.Path))
        {
            span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded; // The spans within see that and are not recorded either.
            span.IsAllDataRequested = false;
        }

        try
        {
            await next(http);
        }
        finally
        {
            Describe(span, http);
        }
    }

    private static bool IsAskedAgainAndAgain(PathString path) =>
        path.StartsWithSegments("/health", StringComparison.Ordinal)
        || path.StartsWithSegments(MetricsEndpoint.Path, StringComparison.Ordinal);

    private static void Describe(Activity span, HttpContext http)
    {
        var endpoint = http.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? http.GetEndpoint();
        var route = (endpoint as RouteEndpoint)?.RoutePattern.RawText is { } text ? $"/{text.TrimStart('/')}" : null;
        var method = span.GetTagItem("http.request.method") as string ?? "HTTP";
        span.DisplayName = route is null ? method : $"{method} {route}";
        span.SetTag(Route, route);
        span.SetTag("http.response.status_code", http.Response.StatusCode);
        if (http.Response.StatusCode >= StatusCodes.Status500InternalServerError)
        {
            span.SetStatus(ActivityStatusCode.Error);
        }
    }
}
