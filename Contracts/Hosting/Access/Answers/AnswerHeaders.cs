using Microsoft.AspNetCore.Http;

namespace CpfPipeline.Hosting.Access.Answers;

/// <summary>
/// Headers of every answer whose endpoint says nothing else: it is for one caller, so that nobody keeps it; it is what it says it is; and
/// no page of another site frames it.
/// </summary>
public static class AnswerHeaders
{
    /// <summary>Adds them.</summary>
    public static Task AddAsync(HttpContext http, RequestDelegate next)
    {
        http.Response.OnStarting(
            static state =>
            {
                var headers = ((HttpResponse)state).Headers;
                headers.TryAdd("Cache-Control", "no-store");
                headers.TryAdd("X-Content-Type-Options", "nosniff");
                headers.TryAdd("X-Frame-Options", "DENY");
                headers.TryAdd("Content-Security-Policy", "frame-ancestors 'none'");
                return Task.CompletedTask;
            },
            http.Response);
        return next(http);
    }
}
