namespace CpfPipeline.Contracts;

/// <summary>Event: images stopped referring to these contents (update, retraction, rejection), which may have left the live set.</summary>
public sealed record ContentReleased
{
    /// <summary>The contents that lost an image.</summary>
    public required IReadOnlyList<long> ContentIds { get; init; }
}
