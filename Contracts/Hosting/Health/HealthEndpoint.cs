using CpfPipeline.Data.Sql;
using CpfPipeline.Hosting.Bus;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CpfPipeline.Hosting.Health;

/// <summary><c>GET /health</c>: 200 when the service can work, 503 with the reasons when not.</summary>
public static class HealthEndpoint
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Adds the endpoint. It answers <c>{"service", "version", "ready", "stuck", "problems": [], "queues": {name: ready messages},
    /// "details": {}}</c>. Stuck means that the service is not ready and that waiting does not help.
    /// </summary>
    public static void MapHealth(this WebApplication app) => app.MapGet("/health", HandleAsync).ExcludeFromDescription();

    private static async Task<IResult> HandleAsync(HttpContext http, ServiceIdentity identity, NpgsqlDataSource dataSource)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        limit.CancelAfter(Patience);
        var problems = new List<string>();
        var readiness = http.RequestServices.GetServices<IReadiness>().ToArray();
        problems.AddRange(readiness.Select(r => r.WhyNot).OfType<string>());
        await CheckAsync(
            "postgres", problems, token => dataSource.Sql("select 1 from cpf.schema_versions limit 1").ExecuteAsync(token), limit.Token);

        IReadOnlyDictionary<string, uint> queues = new Dictionary<string, uint>();
        if (http.RequestServices.GetService<TopologyDeclaration>() is { } topology)
        {
            await CheckAsync("rabbitmq", problems, async token => queues = await topology.ReadQueueLengthsAsync(token), limit.Token);
        }

        var details = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var detail in http.RequestServices.GetServices<IHealthDetail>())
        {
            await CheckAsync(detail.Name, problems, async token => details[detail.Name] = await detail.GetAsync(token), limit.Token);
        }

        var body = new
        {
            service = identity.Name, version = identity.Version, ready = problems.Count == 0,
            stuck = Array.Exists(readiness, r => r.IsStuck), problems, queues, details,
        };
        return Results.Json(body, statusCode: problems.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task CheckAsync(
        string what, List<string> problems, Func<CancellationToken, Task> check, CancellationToken cancellationToken)
    {
        try
        {
            await check(cancellationToken);
        }
        catch (Exception e)
        {
            // Health reports what is broken, whatever it is.
            problems.Add($"{what}: {e.Message}");
        }
    }
}
