namespace CpfPipeline.Nights.TrainingSets;

/// <summary>What a night learns from; part of its run's counts and of its model's report.</summary>
internal static class LearningSource
{
    /// <summary>Product keys and verdicts.</summary>
    public const string Keys = "keys";

    /// <summary>Edited copies of the catalogue's own pictures.</summary>
    public const string Copies = "copies";
}
