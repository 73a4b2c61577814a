namespace CpfPipeline.Vocabulary;

/// <summary>The steps of a run of the Trainer, as stored and as told, in their order.</summary>
public static class TrainingRunStep
{
    /// <summary>Before the first step.</summary>
    public const string Queued = "queued";

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
