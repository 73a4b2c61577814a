namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>A picture of a group.</summary>
/// <param name="ContentId">The content.</param>
/// <param name="Name">A listing that shows it.</param>
public sealed record ShownPicture(long ContentId, string Name);
