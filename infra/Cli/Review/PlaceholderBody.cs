namespace CpfPipeline.Cli.Review;

/// <summary>Body of <c>POST /placeholders</c>.</summary>
/// <param name="Picture">The picture.</param>
/// <param name="Word"><c>mark</c>, <c>keep</c> or <c>auto</c>.</param>
/// <param name="Who">Who says so.</param>
/// <param name="Note">Why.</param>
internal sealed record PlaceholderBody(PictureWords Picture, string Word, string Who, string? Note);
