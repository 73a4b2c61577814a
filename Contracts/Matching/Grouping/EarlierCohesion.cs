using CpfPipeline.Matching.Embeddings;

namespace CpfPipeline.Matching.Grouping;

/// <summary>What was measured of earlier groups, to save time with groups that they have grown into.</summary>
public sealed class EarlierCohesion
{
    private readonly AgglomerationResult _result;
    private readonly Dictionary<long, GroupCohesion> _groups;
    private readonly Dictionary<long, int> _rows;

    /// <param name="result">The earlier groups.</param>
    /// <param name="groups">Their cohesion; those left out are measured again.</param>
    public EarlierCohesion(AgglomerationResult result, IEnumerable<GroupCohesion> groups)
    {
        ArgumentNullException.ThrowIfNull(result);
        _result = result;
        _groups = groups.ToDictionary(group => group.GroupId);
        var before = result.Basis.Members;
        _rows = Enumerable.Range(0, before.Count).ToDictionary(before.ContentId);
    }

    /// <summary>
    /// Puts the rows of the largest earlier group that is wholly among a group's last, and says how many come before them and what the
    /// smallest similarity between them is.
    /// </summary>
    internal (IReadOnlyList<int> Rows, int Unknown, double KnownMin) Split(EmbeddingMatrix members, IReadOnlyList<int> rows)
    {
        var found = rows.Where(row => IsUnchanged(members, row)).ToLookup(row => _result.Groups[members.ContentId(row)]);
        var largest = found
            .Where(part => _groups.TryGetValue(part.Key, out var group) && group.Size == part.Count() && group.MinSimilarity is not null)
            .OrderByDescending(part => part.Count()).ThenBy(part => part.Key).FirstOrDefault();
        if (largest is null)
        {
            return (rows, rows.Count, double.PositiveInfinity);
        }

        var known = largest.ToHashSet();
        return ([.. rows.Where(row => !known.Contains(row)), .. known], rows.Count - known.Count,
            _groups[largest.Key].MinSimilarity!.Value);
    }

    private bool IsUnchanged(EmbeddingMatrix members, int row) =>
        _rows.TryGetValue(members.ContentId(row), out var before)
        && _result.Basis.Members.Row(before).SequenceEqual(members.Row(row));
}
