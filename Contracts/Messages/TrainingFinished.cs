using System.Text.Json.Serialization;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Contracts;

/// <summary>Event: a run of the Trainer has ended.</summary>
/// <remarks>May come twice, with the same content.</remarks>
public sealed record TrainingFinished
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>The key it was asked for with, if any.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary><c>training</c>, <c>threshold</c> or <c>activation</c>.</summary>
    public required string Kind { get; init; }

    /// <summary><c>finished</c> (its model is active), <c>refused</c>, <c>too_little_data</c>, <c>failed</c> or <c>cancelled</c>.</summary>
    public required string State { get; init; }

    /// <summary>The model it made or activated, if any.</summary>
    [JsonNumberHandling(JsonIds.AsText)]
    public long? ModelId { get; init; }

    /// <summary>How it ended, for a person.</summary>
    public required string Message { get; init; }
}
