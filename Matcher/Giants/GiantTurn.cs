namespace CpfPipeline.Matcher.Giants;

/// <summary>
/// Where a loop over a model's pending components stands: the next one is that after <see cref="Last"/>, in a circle. So one giant that
/// becomes pending again and again does not keep the others waiting. Each loop has a turn of its own.
/// </summary>
internal sealed class GiantTurn
{
    /// <summary>The component that was taken last; -1 before the first.</summary>
    public long Last { get; set; } = -1;
}
