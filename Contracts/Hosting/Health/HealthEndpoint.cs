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
        var shared = new SharedReading(app.Services);
        app.MapGet(
            "/health", async (ServiceIdentity identity, CancellationToken cancellationToken) =>
                Answer(identity, await shared.ReadAsync().WaitAsync(cancellationToken)))
            .Needs(AccessRole.Read).ExcludeFromDescription();
        app.MapGet("/health/live", () => "live").ForAnybody().WithMetadata(NotLimited.Mark).ExcludeFromDescription();
        app.MapGet(
            "/health/ready", async (CancellationToken cancellationToken) => Word(await shared.ReadAsync().WaitAsync(cancellationToken)))
            .ForAnybody().WithMetadata(NotLimited.Mark).ExcludeFromDescription();
    }

    private static IResult Word(HealthReading health) =>
        Results.Text(health.Problems.Count == 0 ? "ready" : "not ready", statusCode: health.StatusCode);

    private static IResult Answer(ServiceIdentity identity, HealthReading health)
    {
        var body = new
        {
            service = identity.Name, version = identity.Version, ready = health.Problems.Count == 0,
            stuck = health.IsStuck, problems = health.Problems, queues = health.Queues, details = health.Details,
        };
        return Results.Json(body, statusCode: health.StatusCode);
    }
}
