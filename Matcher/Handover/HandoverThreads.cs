namespace CpfPipeline.Matcher.Handover;

/// <summary>How many threads grouping under a shadow may take.</summary>
internal static class HandoverThreads
{
    /// <summary>Half of the processors, because live matching goes on meanwhile.</summary>
    public static int Max { get; } = Math.Max(1, Environment.ProcessorCount / 2);
}
