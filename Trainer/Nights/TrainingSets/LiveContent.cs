namespace CpfPipeline.Nights.TrainingSets;

/// <summary>A live content with a feature and an embedding.</summary>
/// <param name="ContentId">The content.</param>
/// <param name="IsPlaceholder">Whether the placeholder guard keeps it out of matching.</param>
public readonly record struct LiveContent(long ContentId, bool IsPlaceholder);
