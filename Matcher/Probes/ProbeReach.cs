namespace CpfPipeline.Matcher.Probes;

/// <summary>How many embeddings a search around a probe looks at.</summary>
/// <param name="First">At first.</param>
/// <param name="Max">At most. More pictures at the threshold than that are a giant, whose groups are found in the background.</param>
internal sealed record ProbeReach(int First, int Max)
{
    /// <summary>For people who look at a page.</summary>
    public static ProbeReach Default { get; } = new(200, 4_000);
}
