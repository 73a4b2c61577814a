using CpfPipeline.Matcher.Search;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Grouping;
using CpfPipeline.Matching.Joins;

namespace CpfPipeline.Matcher.Tiles;

/// <summary>The components of a join, from the forests of its tiles in any order, each any number of times.</summary>
/// <remarks>
/// A content that went since the join was planned may have connected others in a tile, so that an edge between those was left out; other
/// tiles may not have seen it at all. So what is left of such a component is joined again here. Two contents that are still there were
/// seen by every tile, so an edge between them never leads out of a component.
/// </remarks>
internal sealed class JoinedComponents
{
    private const long Gone = -1;
    private readonly ConnectedComponents _components;
    private readonly Dictionary<long, int> _positions;
    private readonly VerdictSet _verdicts;

    /// <param name="contentIds">The contents by position; -1: gone since the join was planned.</param>
    /// <param name="verdicts">The verdicts of the plan.</param>
    public JoinedComponents(long[] contentIds, VerdictSet verdicts)
    {
        // One that went is a node, too. Its id is the smallest, so that the component it is in has that id.
        _components = new ConnectedComponents(contentIds);
        _verdicts = verdicts;
        _positions = new Dictionary<long, int>(contentIds.Length);
        for (var position = 0; position < contentIds.Length; position++)
        {
            if (contentIds[position] != Gone)
            {
                _positions.Add(contentIds[position], position);
            }
        }

        verdicts.UniteSame(_components, _positions);
    }

    /// <summary>Takes in an edge.</summary>
    public void Unite(int a, int b) => _components.Union(a, b);

    /// <summary>Whether a content is part of the join.</summary>
    public bool Contains(long contentId) => _positions.ContainsKey(contentId);

    /// <summary>The components of those contents of the join that are still there, by row.</summary>
    /// <param name="contents">They.</param>
    /// <param name="threshold">Smallest similarity of an edge.</param>
    /// <param name="maxThreads">Threads at most, where components have to be joined again.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    public ConnectedComponents Of(EmbeddingMatrix contents, double threshold, int maxThreads, CancellationToken cancellationToken)
    {
        var broken = Broken(contents);
        var components = new ConnectedComponents(contents.ContentIds);
        var (firstRows, rest, restRows) = (new Dictionary<long, int>(), new EmbeddingMatrix(contents.Dimension), new List<int>());
        for (var row = 0; row < contents.Count; row++)
        {
            var id = _components.ComponentId(_positions[contents.ContentId(row)]);
            if (broken.Contains(id))
            {
                rest.Add(contents.ContentId(row), contents.Row(row));
                restRows.Add(row);
            }
            else if (!firstRows.TryAdd(id, row))
            {
                components.Union(firstRows[id], row);
            }
        }

        PairJoin.SelfJoin(
            rest, threshold,
            (a, b, _) =>
            {
                if (!_verdicts.AreDifferent(rest.ContentId(a), rest.ContentId(b)))
                {
                    components.Union(restRows[a], restRows[b]);
                }
            },
            maxThreads, (a, b) => components.AreSurelyConnected(restRows[a], restRows[b]), cancellationToken);
        _verdicts.UniteSame(components, Enumerable.Range(0, rest.Count).ToDictionary(rest.ContentId, row => restRows[row]));
        return components;
    }

    private HashSet<long> Broken(EmbeddingMatrix contents)
    {
        var broken = new HashSet<long> { Gone };
        if (contents.Count < _positions.Count)
        {
            var present = contents.ContentIds.ToArray().ToHashSet();
            broken.UnionWith(_positions.Where(p => !present.Contains(p.Key)).Select(p => _components.ComponentId(p.Value)));
        }

        return broken;
    }
}
