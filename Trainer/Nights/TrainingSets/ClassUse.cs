namespace CpfPipeline.Nights.TrainingSets;

/// <summary>What the contents of a class are for.</summary>
public enum ClassUse
{
    /// <summary>Heads are fitted to it.</summary>
    Train,

    /// <summary>Chooses between heads, and the threshold.</summary>
    Validation,

    /// <summary>Only measures what was chosen.</summary>
    Test,
}
