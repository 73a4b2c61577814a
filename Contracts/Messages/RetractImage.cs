namespace CpfPipeline.Contracts;

/// <summary>Command: a source no longer lists an image. Sent to the queue <c>cpf.retract-image</c>.</summary>
/// <remarks>
/// A repeat changes nothing, and neither does one that is older than what is known of the image. One that comes before any submission is
/// remembered.
/// </remarks>
public sealed record RetractImage
{
    /// <summary>The feed or seller.</summary>
    public required string Source { get; init; }

    /// <summary>The source's own name of the image.</summary>
    public required string ExternalId { get; init; }

    /// <summary>As in <see cref="SubmitImage.Revision"/>; at the same revision a retraction wins over a submission.</summary>
    public long? Revision { get; init; }
}
