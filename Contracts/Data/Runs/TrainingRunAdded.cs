namespace CpfPipeline.Data.Runs;

/// <summary>What came of adding a run.</summary>
/// <param name="Run">The run that was added, has the key, or is going on.</param>
/// <param name="How">Which of these.</param>
public sealed record TrainingRunAdded(TrainingRun Run, TrainingRunAdded.Case How)
{
    /// <summary>Which run it is.</summary>
    public enum Case
    {
        /// <summary>The new one.</summary>
        Added,

        /// <summary>One that was asked for with the same key.</summary>
        SameKey,

        /// <summary>Another one that is going on: nothing was added.</summary>
        GoingOn,
    }
}
