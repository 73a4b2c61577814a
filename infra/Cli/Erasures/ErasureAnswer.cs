using CpfPipeline.Vocabulary;

namespace CpfPipeline.Cli.Erasures;

/// <summary>An erasure, as Ingest describes it.</summary>
internal sealed record ErasureAnswer
{
    public required long ErasureId { get; init; }

    public required string Scope { get; init; }

    /// <summary>See <see cref="ErasureState"/>.</summary>
    public required string State { get; init; }

    public required string Tombstone { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public required string Who { get; init; }

    public string? Note { get; init; }

    public required SortedDictionary<string, long> Counts { get; init; }

    public string? RecordHash { get; init; }

    public bool IsFinished => State == ErasureState.Finished;
}
