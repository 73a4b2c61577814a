using CpfPipeline.Nights.Candidates;

namespace CpfPipeline.Nights.Runs;

/// <summary>The steps of a run, as they are stored.</summary>
internal static class RunStep
{
    public const string BuildingSet = CandidateStep.BuildingSet;
    public const string Training = CandidateStep.Training;
    public const string Calibrating = CandidateStep.Calibrating;
    public const string Evaluating = CandidateStep.Evaluating;
    public const string Gate = CandidateStep.Gate;
    public const string ShadowEmbed = "shadow_embed";
    public const string Index = "index";
    public const string Join = "join";
    public const string Diff = "diff";
    public const string Activate = "activate";
}
