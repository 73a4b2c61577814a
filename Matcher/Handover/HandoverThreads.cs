namespace CpfPipeline.Matcher.Handover;

/// <summary>How many threads grouping under a shadow may take.</summary>
internal static class HandoverThreads
{
    /// <summary>Half of the processors, because live matching goes on at the same time.</summary>
    public static int Max { get; } = Math.Max(1, Environment.ProcessorCount / 2);
}
