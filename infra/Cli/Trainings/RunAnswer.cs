using CpfPipeline.Vocabulary;

namespace CpfPipeline.Cli.Trainings;

/// <summary>A run, as the Trainer describes it.</summary>
internal sealed record RunAnswer
{
    public required Guid RunId { get; init; }

    public required string Url { get; init; }

    public required string Kind { get; init; }

    public required string State { get; init; }

    public required string Step { get; init; }

    /// <summary>Share of the step, 0 to 1.</summary>
    public required double Progress { get; init; }

    public double? EtaSeconds { get; init; }

    public string? Message { get; init; }

    public long? ModelId { get; init; }

    public string? ReportUrl { get; init; }

    public bool HasEnded => TrainingRunState.HasEnded(State);
}
