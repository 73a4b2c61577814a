using System.Text.Json;
using System.Text.Json.Nodes;
using CpfPipeline.Data.Runs;
using CpfPipeline.Nights.Runs;

namespace CpfPipeline.Trainer.Api;

/// <summary>A run as the API describes it.</summary>
internal sealed record RunAnswer
{
    public required Guid RunId { get; init; }

    public required string Url { get; init; }

    public required string Kind { get; init; }

    public required string Trigger { get; init; }

    public string? IdempotencyKey { get; init; }

    public required JsonElement Request { get; init; }

    public required string State { get; init; }

    public required string Step { get; init; }

    /// <summary>Share of the step, 0 to 1.</summary>
    public required double Progress { get; init; }

    /// <summary>Seconds until the run's end, by how long the last one took; null: unknown.</summary>
    public double? EtaSeconds { get; init; }

    public string? Message { get; init; }

    public long? BaseModelId { get; init; }

    public long? ModelId { get; init; }

    public string? SnapshotId { get; init; }

    public JsonElement? Data { get; init; }

    /// <summary>Null before there is a report.</summary>
    public string? ReportUrl { get; init; }

    public required IReadOnlyList<TrainingStep> Steps { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public static string UrlOf(Guid runId) => $"/trainings/{runId}";

    public static RunAnswer Of(TrainingRun run, IReadOnlyList<TrainingStep> steps, TimeSpan? eta)
    {
        var plan = RunPlan.StepsOf(run.Kind).ToList();
        return new RunAnswer
        {
            RunId = run.RunId,
            Url = UrlOf(run.RunId),
            Kind = run.Kind,
            Trigger = run.Trigger,
            IdempotencyKey = run.IdempotencyKey,
            Request = RequestOf(run),
            State = run.State,
            Step = run.Step,
            Progress = Math.Round(run.Progress, 4),
            EtaSeconds = eta is { } left ? Math.Round(left.TotalSeconds, 1) : null,
            Message = run.Message,
            BaseModelId = run.BaseModelId,
            ModelId = run.ModelId,
            SnapshotId = run.SnapshotId,
            Data = run.DataJson is { } data ? JsonSerializer.Deserialize<JsonElement>(data) : null,
            ReportUrl = run.HasReport ? UrlOf(run.RunId) + "/report" : null,
            Steps = [.. steps.OrderBy(s => plan.IndexOf(s.Step))],
            CreatedAt = run.CreatedAt,
            StartedAt = run.StartedAt,
            UpdatedAt = run.UpdatedAt,
            FinishedAt = run.FinishedAt,
        };
    }

    // Stored with a number; ids in answers are strings.
    private static JsonElement RequestOf(TrainingRun run)
    {
        var request = JsonNode.Parse(run.RequestJson)!.AsObject();
        if (request["model_id"] is { } modelId)
        {
            request["model_id"] = modelId.ToString();
        }

        return JsonSerializer.SerializeToElement(request);
    }
}
