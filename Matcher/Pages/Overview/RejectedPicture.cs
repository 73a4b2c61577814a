namespace CpfPipeline.Matcher.Pages.Overview;

/// <summary>A listing whose picture was refused.</summary>
/// <param name="ImageId">The image.</param>
/// <param name="Source">The feed or seller.</param>
/// <param name="ExternalId">The source's own name.</param>
/// <param name="Reason">Documented reason code.</param>
/// <param name="Detail">What was wrong, for a person.</param>
/// <param name="At">When.</param>
public sealed record RejectedPicture(Guid ImageId, string Source, string ExternalId, string Reason, string? Detail, DateTimeOffset At);
