using CpfPipeline.Data.Access;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Data.Runs;

/// <summary>A run to add.</summary>
/// <param name="RunId">Handle, chosen by the caller.</param>
/// <param name="Kind"><see cref="TrainingRunKind"/>.</param>
/// <param name="Trigger">schedule, http, bus, cli or start.</param>
/// <param name="IdempotencyKey">Asking again with it gives this run; null: every time another one.</param>
/// <param name="RequestJson">What is asked for, a JSON object.</param>
/// <param name="ModelId">The model to activate; null when it is yet to be made.</param>
public sealed record NewTrainingRun(Guid RunId, string Kind, string Trigger, string? IdempotencyKey, string RequestJson, long? ModelId)
{
    /// <summary>The row of the audit that is written with the run, or null.</summary>
    public AuditEntry? Audit { get; init; }
}
