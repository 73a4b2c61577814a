namespace CpfPipeline.Trainer.Runs;

/// <summary>The steps of a run, as they are stored.</summary>
internal static class RunStep
{
    public const string BuildingSet = "building_set";
    public const string Training = "training";
    public const string Calibrating = "calibrating";
    public const string Evaluating = "evaluating";
    public const string Gate = "gate";
    public const string ShadowEmbed = "shadow_embed";
    public const string Index = "index";
    public const string Join = "join";
    public const string Diff = "diff";
    public const string Activate = "activate";
}
