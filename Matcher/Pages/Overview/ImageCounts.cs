namespace CpfPipeline.Matcher.Pages.Overview;

/// <summary>How many listings there are.</summary>
/// <param name="Stored">With a picture.</param>
/// <param name="Received">Whose picture is not fetched yet.</param>
/// <param name="Rejected">Refused.</param>
/// <param name="Retracted">No longer listed.</param>
/// <param name="Contents">Distinct pictures.</param>
/// <param name="IsAbout">Whether these are estimates, as of a large catalogue.</param>
public sealed record ImageCounts(long Stored, long Received, long Rejected, long Retracted, long Contents, bool IsAbout);
