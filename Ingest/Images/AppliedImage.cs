namespace CpfPipeline.Ingest.Images;

/// <summary>The result of a change.</summary>
/// <param name="ImageId">The image.</param>
/// <param name="Effect">What it did to the row.</param>
/// <param name="Change">The change as it was judged: rejected when its content may not be used.</param>
internal sealed record AppliedImage(Guid ImageId, ImageEffect Effect, ImageChange Change)
{
    /// <summary>
    /// Whether another content is known for the image at the same revision, which means that two pictures were given one name.
    /// </summary>
    public bool Conflicts { get; init; }
}
