namespace CpfPipeline.Nights.Handover;

/// <summary>How far the Embedder is with features that a run waits for.</summary>
/// <param name="ChangedAt">When their number last fell.</param>
internal sealed record FeatureWait(DateTimeOffset ChangedAt)
{
    private long? First { get; init; }

    private long Left { get; init; }

    /// <summary>Whether the features have not been counted yet.</summary>
    public bool IsFirst => First is null;

    /// <summary>Share that is there of what was missing at first.</summary>
    public double Share => First is { } first && first > 0 ? Math.Clamp(1 - ((double)Left / first), 0, 1) : 0;

    /// <summary>After another look.</summary>
    public FeatureWait Look(long left, DateTimeOffset now) => IsFirst
        ? new FeatureWait(now) { First = left, Left = left }
        : this with { Left = left, ChangedAt = left < Left ? now : ChangedAt };

    /// <summary>Whether nothing has come for so long.</summary>
    public bool HasStalled(DateTimeOffset now, TimeSpan patience) => !IsFirst && now - ChangedAt >= patience;
}
