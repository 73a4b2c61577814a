namespace CpfPipeline.Matcher.Pages.Groups;

/// <summary>A merge of two clusters of a group, each named by its smallest content.</summary>
/// <param name="Left">The cluster that lived on.</param>
/// <param name="Right">The cluster merged into it.</param>
/// <param name="Height">Mean similarity across the two.</param>
/// <param name="IsVerdict">Whether verdicts made it, whatever the similarity; such merges come before all others.</param>
internal sealed record GroupMerge(long Left, long Right, double Height, bool IsVerdict)
{
    /// <summary>
    /// The last merge of a group that similarity made: the lowest of those into the group's own name, since the last merge takes in the
    /// smallest content and heights fall. Null when verdicts made the whole group.
    /// </summary>
    public static GroupMerge? Last(IEnumerable<GroupMerge> merges, long groupId) =>
        merges.Where(m => !m.IsVerdict && m.Left == groupId).OrderBy(m => m.Height).ThenByDescending(m => m.Right).FirstOrDefault();

    /// <summary>The contents of a cluster that was merged away: it, and all that had been merged into it.</summary>
    public static HashSet<long> Part(IEnumerable<GroupMerge> merges, long cluster)
    {
        var into = merges.ToLookup(m => m.Left, m => m.Right);
        var part = new HashSet<long>();
        var open = new Stack<long>([cluster]);
        while (open.TryPop(out var next))
        {
            if (part.Add(next))
            {
                foreach (var member in into[next])
                {
                    open.Push(member);
                }
            }
        }

        return part;
    }
}
