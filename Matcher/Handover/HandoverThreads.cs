namespace CpfPipeline.Matcher.Handover;

/// <summary>How many threads grouping under a shadow may take.</summary>
internal static class HandoverThreads
{
    /// <summary>Half the processors: live matching goes on meanwhile.</summary>
    public static int Most { get; } = Math.Max(1, Environment.ProcessorCount / 2);
}
