using System.Text.Json;
using System.Text.Json.Nodes;
using CpfPipeline.Data.Access;
using CpfPipeline.Data.Runs;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Nights.Runs;

/// <summary>A request for a run.</summary>
/// <param name="Kind"><see cref="TrainingRunKind"/>.</param>
/// <param name="TargetPrecision">The precision that the threshold is to have; null: the best F1.</param>
/// <param name="ModelId">The model to activate; null with kind activation: the one that was active before.</param>
public sealed record RunOrder(string Kind, double? TargetPrecision = null, long? ModelId = null)
{
    private const int MaxKeyLength = 200;

    /// <summary>Who asks, for the audit; null: the schedule, or the configuration.</summary>
    public Actor? By { get; init; }

    public static RunOrder Rollback { get; } = new(TrainingRunKind.Activation);

    /// <summary>The order as it is stored with a run.</summary>
    public string ToJson()
    {
        var json = new JsonObject();
        if (TargetPrecision is { } precision)
        {
            json["target_precision"] = precision;
        }

        if (Kind == TrainingRunKind.Activation)
        {
            json[ModelId is null ? "rollback" : "model_id"] = ModelId is { } id ? id : true;
        }

        return json.ToJsonString();
    }

    /// <summary>What the audit says of the run; null when nobody asks.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="modelId">The model to activate, or null.</param>
    public AuditEntry? AuditOf(Guid runId, long? modelId) => By is null ? null
        : Kind == TrainingRunKind.Activation ? new AuditEntry(By, "model.activate", $"run {runId} model {modelId}", Detail: ToJson())
        : new AuditEntry(By, Kind, $"run {runId}", Detail: ToJson());

    /// <summary>Whether a run was made by an order like this one.</summary>
    public bool IsOf(TrainingRun run)
    {
        var stored = JsonNode.Parse(run.RequestJson)!.AsObject();
        stored.Remove("also_asked");
        return run.Kind == Kind && JsonNode.DeepEquals(stored, JsonNode.Parse(ToJson()));
    }

    /// <summary>The precision that a run is to reach, as stored.</summary>
    public static double? TargetPrecisionOf(TrainingRun run)
    {
        using var stored = JsonDocument.Parse(run.RequestJson);
        return stored.RootElement.TryGetProperty("target_precision", out var precision) && precision.ValueKind == JsonValueKind.Number
            ? precision.GetDouble() : null;
    }

    /// <summary>The keys of others who asked while a run was going on.</summary>
    public static IReadOnlyList<string> AlsoAsked(TrainingRun run) =>
        JsonNode.Parse(run.RequestJson)?["also_asked"] is JsonArray keys ? [.. keys.Select(k => (string)k!)] : [];

    /// <summary>Null, or what is wrong with the order and what to do.</summary>
    public string? Problem(string? idempotencyKey) =>
        Kind is not (TrainingRunKind.Training or TrainingRunKind.Threshold or TrainingRunKind.Activation)
            ? $"kind must be training or threshold, not '{Kind}'."
        : TargetPrecision is { } precision && !(precision > 0 && precision < 1)
            ? "target_precision must lie between 0 and 1, such as 0.99; leave it out for the best F1."
        : idempotencyKey is { } key && (key.Length is 0 or > MaxKeyLength || key.Contains('\0'))
            ? $"The idempotency key must have 1 to {MaxKeyLength} characters."
        : null;
}
