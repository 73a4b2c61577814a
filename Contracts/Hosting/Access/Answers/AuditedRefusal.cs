using CpfPipeline.Hosting.Access.Callers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace CpfPipeline.Hosting.Access.Answers;

/// <summary>
/// The refusal of somebody who has the role of an endpoint, but not what this request needs more. It leaves a row in the audit.
/// </summary>
/// <param name="status">Of the answer; 404 where it must not be told that there is something.</param>
/// <param name="detail">What is told.</param>
/// <param name="why">What is kept.</param>
public sealed class AuditedRefusal(int status, string detail, string why) : IResult
{
    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        await httpContext.RequestServices.GetRequiredService<RefusalAudit>()
            .AddAsync(Caller.Of(httpContext).Actor, "request", RouteOf(httpContext), why);
        await Results.Problem(detail, statusCode: status).ExecuteAsync(httpContext);
    }

    /// <summary>The route of a request, without what people put into it.</summary>
    internal static string? RouteOf(HttpContext http) =>
        http.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } route } ? $"{http.Request.Method} /{route.TrimStart('/')}" : null;
}
