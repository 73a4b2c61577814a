namespace CpfPipeline.Cli.Review;

/// <summary>Body of <c>POST /placeholders</c>.</summary>
/// <param name="Picture">The picture.</param>
/// <param name="Placeholder">true: it is one; false: it is none; null: the count decides.</param>
/// <param name="Who">Who says so.</param>
/// <param name="Note">Why.</param>
internal sealed record PlaceholderRequest(PictureName Picture, bool? Placeholder, string Who, string? Note);
