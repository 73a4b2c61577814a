namespace CpfPipeline.Nights.Handover;

/// <summary>A row of <c>cpf.model_diffs</c>, whose comments say what is counted.</summary>
public sealed record ModelDiffRow(
    long ModelId, long FromModelId, long Contents, long Unchanged, long Merged, long Split, long Moved, long GroupsBefore, long GroupsAfter, double Churn);
