using CpfPipeline.Hosting.Access.Limits;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CpfPipeline.Hosting.Health;

/// <summary>
/// <c>GET /health</c>: 200 when the service can work, 503 with the reasons when not. <c>/health/live</c> and <c>/health/ready</c> tell
/// everybody one word: for supervisors, which have no key.
/// </summary>
public static class HealthEndpoint
{
    /// <summary>
    /// Adds the endpoints. The first answers <c>{"service", "version", "ready", "stuck", "problems": [], "queues": {name: ready messages},
    /// "details": {}}</c>. Stuck means that the service is not ready and that waiting does not help.
    /// </summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/health", HandleAsync).Needs(AccessRole.Read).ExcludeFromDescription();
        app.MapGet("/health/live", () => "live").ForAnybody().WithMetadata(NotLimited.Mark).ExcludeFromDescription();
        var word = new ReadinessWord(app.Services);
        app.MapGet("/health/ready", word.HandleAsync).ForAnybody().WithMetadata(NotLimited.Mark).ExcludeFromDescription();
    }

    private static async Task<IResult> HandleAsync(HttpContext http, ServiceIdentity identity, CancellationToken cancellationToken)
    {
        var health = await HealthReading.ReadAsync(http.RequestServices, readsQueues: true, cancellationToken);
        var body = new
        {
            service = identity.Name, version = identity.Version, ready = health.Problems.Count == 0,
            stuck = health.IsStuck, problems = health.Problems, queues = health.Queues, details = health.Details,
        };
        return Results.Json(body, statusCode: health.StatusCode);
    }
}
