namespace CpfPipeline.Matcher.Stores;

/// <summary>A row of <c>cpf.group_events</c> to write.</summary>
/// <param name="Kind">joined, left, merged, split, renamed.</param>
/// <param name="ContentId">The content.</param>
/// <param name="GroupId">Its group afterwards, if any.</param>
/// <param name="PreviousGroupId">Its group before, if any.</param>
internal readonly record struct GroupEvent(string Kind, long ContentId, long? GroupId, long? PreviousGroupId);
