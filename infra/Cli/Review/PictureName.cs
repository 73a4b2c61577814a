namespace CpfPipeline.Cli.Review;

/// <summary>A picture, named by an image that shows it now.</summary>
internal sealed record PictureName(string Source, string ExternalId);
