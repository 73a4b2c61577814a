namespace CpfPipeline.Contracts;

/// <summary>Event: these contents have embeddings under the head (now or since before).</summary>
public sealed record ContentsEmbedded
{
    /// <summary>The head whose embeddings are stored.</summary>
    public required long HeadId { get; init; }

    /// <summary>At most 1,000 contents.</summary>
    public required IReadOnlyList<long> ContentIds { get; init; }
}
