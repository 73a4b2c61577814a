namespace CpfPipeline.Learning.FirstModels;

/// <summary>What a picture with its edited copies is for.</summary>
internal enum CopyUse
{
    /// <summary>The head is fitted to it.</summary>
    Fits,

    /// <summary>Chooses the kind of head, and the threshold.</summary>
    Calibrates,

    /// <summary>Only measures what was chosen.</summary>
    HeldOut,
}
