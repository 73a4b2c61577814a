namespace CpfPipeline.Cli.Trainings;

/// <summary>A model as the Trainer lists it.</summary>
internal sealed record ModelAnswer
{
    public required long ModelId { get; init; }

    public required string State { get; init; }

    public required double Threshold { get; init; }

    public required string Kind { get; init; }

    public double? F1 { get; init; }

    public double? F1Low { get; init; }

    public double? F1High { get; init; }

    public double? Opis { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? ActivatedAt { get; init; }

    public required bool IsReady { get; init; }

    public string? Reason { get; init; }
}
