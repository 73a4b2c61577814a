using CpfPipeline.Contracts;
using CpfPipeline.Data.Runs;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Nights.Runs;

/// <summary>What is published about a run.</summary>
public static class RunMessages
{
    /// <summary>
    /// Its end: one message with the key it was asked for with, and one for each key of those who asked while it was going on.
    /// </summary>
    public static IReadOnlyCollection<object> Ended(TrainingRun run) =>
        [Ended(run, run.IdempotencyKey), .. RunOrder.AlsoAsked(run).Select(key => Ended(run, key))];

    /// <summary>Its end, as an answer to one key.</summary>
    public static TrainingFinished Ended(TrainingRun run, string? idempotencyKey) => new()
    {
        RunId = run.RunId,
        IdempotencyKey = idempotencyKey,
        Kind = run.Kind,
        State = run.State,
        ModelId = run.ModelId,
        Message = run.Message ?? run.State,
    };

    /// <summary>The answer to an order that led to no run.</summary>
    public static TrainingFinished NotBegun(string kind, string idempotencyKey, string reason) => new()
    {
        RunId = Guid.Empty,
        IdempotencyKey = idempotencyKey,
        Kind = kind,
        State = TrainingRunState.Failed,
        Message = reason,
    };
}
