using System.Text.Json;
using System.Text.Json.Serialization;

namespace CpfPipeline.Cli.Local;

/// <summary>What <c>status --json</c> prints; its property names, in snake_case, are a form others rely on.</summary>
internal sealed record StatusReport(
    IReadOnlyList<ServiceStatus> Services,
    IReadOnlyDictionary<string, long> Queues,
    ImageCounts? Images,
    long? Contents,
    long? Pending,
    long? Unreconciled,
    ActiveModel? ActiveModel,
    string? ExecutionProvider,
    LastReconcile? LastReconcile)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    };

    /// <summary>Joins what the services answered and what the database says; the latter is null when it does not answer.</summary>
    public static StatusReport Of(IReadOnlyList<(ServiceStatus Service, HealthReport Report)> services, PipelineCounts? counts)
    {
        // Every service sees the same broker; the first that answers for a queue is as good as any.
        var queues = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (name, length) in services.SelectMany(s => s.Report.Queues))
        {
            queues.TryAdd(name, length);
        }

        var provider = services.Select(s => s.Report.Details.GetValueOrDefault("execution_provider"))
            .FirstOrDefault(d => d.ValueKind == JsonValueKind.String);
        return new(
            [.. services.Select(s => s.Service)],
            queues,
            counts?.Images,
            counts?.Contents,
            counts?.Pending,
            counts?.Unreconciled,
            counts?.ActiveModel,
            provider.ValueKind == JsonValueKind.String ? provider.GetString() : null,
            counts?.LastReconcile);
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);
}

/// <param name="Pid">Null when it does not run.</param>
internal sealed record ServiceStatus(string Name, bool Healthy, string? Version, string Url, int? Pid, IReadOnlyList<string> Problems);
