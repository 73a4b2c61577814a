using System.Text.Json;
using System.Text.Json.Serialization;
using CpfPipeline.Cli.Progress;
using CpfPipeline.Cli.Services;

namespace CpfPipeline.Cli.Status;

/// <summary>What <c>status --json</c> prints. Other programs rely on its property names, written in snake_case.</summary>
/// <param name="Unmatched">Images not fetched or not in a group yet, placeholders apart.</param>
/// <param name="Pending">Contents whose component is still being regrouped.</param>
/// <param name="Unreconciled">Contents that were searched for, but not joined exactly yet.</param>
/// <param name="Outbox">Messages that wait to be published.</param>
/// <param name="Exactness">See <see cref="Progress.Exactness.Word"/>.</param>
/// <param name="ExactnessReasons">See <see cref="Progress.Exactness.Reasons"/>.</param>
/// <param name="Supervisor">What starts again what died; null when nothing does.</param>
/// <param name="Handover">How far the groups of the model that is to take over are; null when none is.</param>
/// <param name="IntakeClosed">Why Ingest takes no more; null when it does.</param>
internal sealed record StatusReport(
    IReadOnlyList<ServiceStatus> Services,
    IReadOnlyDictionary<string, long> Queues,
    ImageCounts? Images,
    long? Contents,
    long? Unmatched,
    long? Pending,
    long? Unreconciled,
    long? Outbox,
    string Exactness,
    IReadOnlyList<string> ExactnessReasons,
    StatusModel? ActiveModel,
    string? ExecutionProvider,
    LastReconcile? LastReconcile,
    string? IntakeClosed = null,
    SupervisorStatus? Supervisor = null,
    HandoverProgress? Handover = null)
{
    /// <summary>Joins what the services answered and what the database says; the latter is null when it does not answer.</summary>
    public static StatusReport Of(IReadOnlyList<(ServiceStatus Service, HealthReport Report)> services, PipelineCounts? counts)
    {
        // Every service sees the same broker and tells of every queue. Without an answer their lengths are not known.
        var queues = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (name, length) in services.SelectMany(s => s.Report.Queues))
        {
            queues.TryAdd(name, length);
        }

        var provider = services.Select(s => s.Report.Details.GetValueOrDefault("execution_provider"))
            .FirstOrDefault(d => d.ValueKind == JsonValueKind.String);
        var left = new WorkLeft(counts?.Unmatched, counts?.Pending, counts?.Unreconciled, queues.Count == 0
            ? null
            : queues, counts?.Outbox);
        var exactness = Progress.Exactness.Of(left);
        return new(
            [.. services.Select(s => s.Service)],
            queues,
            counts?.Images,
            counts?.Contents,
            counts?.Unmatched,
            counts?.Pending,
            counts?.Unreconciled,
            counts?.Outbox,
            exactness.Word,
            exactness.Reasons,
            counts?.ActiveModel,
            provider.ValueKind == JsonValueKind.String ? provider.GetString() : null,
            counts?.LastReconcile,
            services.Select(s => IntakeClosedOf(s.Report)).FirstOrDefault(why => why is not null),
            Handover: counts?.Handover);
    }

    private static string? IntakeClosedOf(HealthReport report) =>
        report.Details.GetValueOrDefault("intake") is { ValueKind: JsonValueKind.Object } intake
        && intake.TryGetProperty("why_not", out var why) && why.ValueKind == JsonValueKind.String
            ? why.GetString() : null;

    /// <summary>Whether every service and the database answer well.</summary>
    [JsonIgnore]
    public bool IsHealthy => Images is not null && Services.All(s => s.Healthy);

    public string ToJson() => JsonSerializer.Serialize(this, ServiceClient.IndentedJson);
}

/// <param name="Pid">Null when it does not run.</param>
/// <param name="Preparing">What it prepares while it already takes requests, and how far that is; null for nothing.</param>
internal sealed record ServiceStatus(
    string Name, bool Healthy, string? Version, string Url, int? Pid, IReadOnlyList<string> Problems, string? Preparing = null);
