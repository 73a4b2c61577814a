namespace CpfPipeline.Labels;

/// <summary>What a picture of a labelled set may be used for.</summary>
public enum LabelledSplit
{
    Train,
    Validation,
    Test,

    /// <summary>Only there to be found wrongly: it matches nothing.</summary>
    Distractor,
}
