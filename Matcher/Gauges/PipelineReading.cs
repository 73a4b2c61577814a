namespace CpfPipeline.Matcher.Gauges;

/// <summary>The state of the whole pipeline, as the database tells it.</summary>
/// <param name="Stages">What waits, by stage; those after <c>fetch</c> need an active model, <c>publish</c> apart.</param>
/// <param name="Model">The active model; null before the first.</param>
/// <param name="SearchRecall">Of the pairs that the last reconcile under it found, the share that the search had found; null: none.</param>
/// <param name="Churn">Of the last comparison of a model with the active one; null: none.</param>
/// <param name="Tombstones">What was erased and may not come back.</param>
/// <param name="LastTrainingAt">When a training last ended without failing; null: never.</param>
internal sealed record PipelineReading(
    IReadOnlyList<PipelineStage> Stages, ReadModel? Model, double? SearchRecall, double? Churn, long Tombstones,
    DateTimeOffset? LastTrainingAt);

/// <summary>The active model.</summary>
internal sealed record ReadModel(long ModelId, double Threshold);
