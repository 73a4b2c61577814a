namespace CpfPipeline.Vocabulary;

/// <summary>What a run of the Trainer is for.</summary>
public static class TrainingRunKind
{
    /// <summary>A new head.</summary>
    public const string Training = "training";

    /// <summary>Another threshold on the active head.</summary>
    public const string Threshold = "threshold";

    /// <summary>A model that is there, a rollback among them.</summary>
    public const string Activation = "activation";
}
