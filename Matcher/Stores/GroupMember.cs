namespace CpfPipeline.Matcher.Stores;

/// <summary>A row of <c>cpf.group_members</c>.</summary>
/// <param name="ContentId">The content.</param>
/// <param name="GroupId">Smallest content id of its group.</param>
/// <param name="ComponentId">Smallest content id of its component.</param>
/// <param name="Pending">Its component waits to be regrouped in the background.</param>
internal readonly record struct GroupMember(long ContentId, long GroupId, long ComponentId, bool Pending);
