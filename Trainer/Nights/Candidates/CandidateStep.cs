namespace CpfPipeline.Nights.Candidates;

/// <summary>Names of the steps, as in <c>cpf.training_runs</c>.</summary>
internal static class CandidateStep
{
    public const string BuildingSet = "building_set";
    public const string Training = "training";
    public const string Calibrating = "calibrating";
    public const string Evaluating = "evaluating";
    public const string Gate = "gate";
}
