namespace CpfPipeline.Trainer.LabelledSets;

/// <summary>What a picture of a labelled set may be used for.</summary>
internal enum LabelledSplit
{
    Train,
    Validation,
    Test,

    /// <summary>Only there to be found wrongly: it matches nothing.</summary>
    Distractor,
}
