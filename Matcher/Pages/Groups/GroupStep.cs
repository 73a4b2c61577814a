namespace CpfPipeline.Matcher.Pages.Groups;

/// <summary>A change of the group that a picture is in.</summary>
/// <param name="At">When.</param>
/// <param name="Kind"><c>joined</c>, <c>left</c>, <c>merged</c>, <c>split</c> or <c>renamed</c>.</param>
/// <param name="Name">A listing that shows the picture.</param>
/// <param name="ModelId">The model.</param>
/// <param name="GroupId">Its group then; null when it left.</param>
public sealed record GroupStep(DateTimeOffset At, string Kind, string Name, long ModelId, long? GroupId);
