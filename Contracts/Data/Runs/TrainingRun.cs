using CpfPipeline.Vocabulary;

namespace CpfPipeline.Data.Runs;

/// <summary>A row of <c>cpf.training_runs</c>, without its report.</summary>
public sealed record TrainingRun
{
    /// <summary>Handle.</summary>
    public required Guid RunId { get; init; }

    /// <summary><see cref="TrainingRunKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Who asked: schedule, http, bus, cli, start.</summary>
    public required string Trigger { get; init; }

    /// <summary>The key it was asked for with, if any.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>What was asked for, a JSON object.</summary>
    public required string RequestJson { get; init; }

    /// <summary><see cref="TrainingRunState"/>.</summary>
    public required string State { get; init; }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => TrainingRunState.HasEnded(State);

    /// <summary>The step it is at, or ended at.</summary>
    public required string Step { get; init; }

    /// <summary>Share of the step, 0 to 1.</summary>
    public required float Progress { get; init; }

    /// <summary>What is being done or how it ended, for a person.</summary>
    public string? Message { get; init; }

    /// <summary>Somebody asked for its end.</summary>
    public required bool CancelRequested { get; init; }

    /// <summary>The active model when it began.</summary>
    public long? BaseModelId { get; init; }

    /// <summary>The model it made or activates.</summary>
    public long? ModelId { get; init; }

    /// <summary>SHA-256 over the training set.</summary>
    public string? SnapshotId { get; init; }

    /// <summary>Counts of the training set, a JSON object.</summary>
    public string? DataJson { get; init; }

    /// <summary>Whether it has a page.</summary>
    public required bool HasReport { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it began.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Last sign of life.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }
}
