namespace CpfPipeline.Matcher.Stores;

/// <summary>A row of <c>cpf.reconciles</c>.</summary>
/// <param name="ModelId">The model.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="FinishedAt">When it was committed.</param>
/// <param name="Contents">Contents joined.</param>
/// <param name="GallerySize">Contents they were joined against.</param>
/// <param name="Pairs">Pairs at or above the threshold.</param>
/// <param name="MissedPairs">Of these, pairs that lay in different components.</param>
/// <param name="Recall">1 - missed / pairs; 1 without a pair.</param>
internal sealed record ReconcileRow(
    long ModelId, DateTimeOffset StartedAt, DateTimeOffset FinishedAt, long Contents, long GallerySize, long Pairs, long MissedPairs,
    double Recall);
