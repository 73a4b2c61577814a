using CpfPipeline.Data.Sql;
using CpfPipeline.Hosting.Bus;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CpfPipeline.Hosting.Health;

/// <summary>What a service found when it looked whether it can work.</summary>
/// <param name="Problems">Why it cannot.</param>
/// <param name="IsStuck">Waiting does not help.</param>
/// <param name="Queues">Ready messages by queue.</param>
/// <param name="Details">Facts of the service's parts.</param>
internal sealed record HealthReading(
    IReadOnlyList<string> Problems, bool IsStuck, IReadOnlyDictionary<string, uint> Queues, IReadOnlyDictionary<string, object?> Details)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>200 or 503.</summary>
    public int StatusCode => Problems.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;

    /// <summary>Looks.</summary>
    /// <param name="services">The service's parts.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<HealthReading> ReadAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        var problems = new List<string>();
        var readiness = services.GetServices<IReadiness>().ToArray();
        problems.AddRange(readiness.Select(r => r.WhyNot).OfType<string>());
        var dataSource = services.GetRequiredService<NpgsqlDataSource>();
        await CheckAsync(
            "postgres", problems, token => dataSource.Sql("select 1 from cpf.schema_versions limit 1").ExecuteAsync(token), limit.Token);

        IReadOnlyDictionary<string, uint> queues = new Dictionary<string, uint>();
        if (services.GetService<TopologyDeclaration>() is { } topology)
        {
            await CheckAsync("rabbitmq", problems, async token => queues = await topology.ReadQueueLengthsAsync(token), limit.Token);
        }

        var details = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var detail in services.GetServices<IHealthDetail>())
        {
            await CheckAsync(detail.Name, problems, async token => details[detail.Name] = await detail.GetAsync(token), limit.Token);
        }

        return new HealthReading(problems, Array.Exists(readiness, r => r.IsStuck), queues, details);
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
