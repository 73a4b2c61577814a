using CpfPipeline.Matcher.Search;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Grouping;

namespace CpfPipeline.Matcher.Tiles;

/// <summary>The components of a join, from the forests of its tiles in any order, each any number of times.</summary>
internal sealed class JoinedComponents
{
    private const long Erased = -1;
    private readonly ConnectedComponents _components;
    private readonly Dictionary<long, int> _positions;

    /// <param name="contentIds">The contents by position; -1: erased since the join was planned.</param>
    /// <param name="verdicts">The verdicts of the plan.</param>
    public JoinedComponents(long[] contentIds, VerdictSet verdicts)
    {
        // An erased content is a node, too: edges between others may have been left out because it connected them. Its id is the smallest,
        // so that the component it is in has that id.
        _components = new ConnectedComponents(contentIds);
        _positions = new Dictionary<long, int>(contentIds.Length);
        for (var position = 0; position < contentIds.Length; position++)
        {
            if (contentIds[position] != Erased)
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

    /// <summary>The contents whose components hold nothing that is missing from <paramref name="contents"/>.</summary>
    /// <param name="contents">Those contents of the join that are still there.</param>
    /// <returns>They, and their components by row.</returns>
    public (EmbeddingMatrix Contents, ConnectedComponents Components) Of(EmbeddingMatrix contents)
    {
        var broken = new HashSet<long> { Erased };
        if (contents.Count < _positions.Count)
        {
            var present = contents.ContentIds.ToArray().ToHashSet();
            broken.UnionWith(_positions.Where(p => !present.Contains(p.Key)).Select(p => _components.ComponentId(p.Value)));
        }

        var whole = contents;
        if (contents.Count < _components.Count)
        {
            whole = new EmbeddingMatrix(contents.Dimension, contents.Count);
            for (var row = 0; row < contents.Count; row++)
            {
                if (!broken.Contains(ComponentOf(contents.ContentId(row))))
                {
                    whole.Add(contents.ContentId(row), contents.Row(row));
                }
            }
        }

        var components = new ConnectedComponents(whole.ContentIds);
        var firstRows = new Dictionary<long, int>();
        for (var row = 0; row < whole.Count; row++)
        {
            var id = ComponentOf(whole.ContentId(row));
            if (!firstRows.TryAdd(id, row))
            {
                components.Union(firstRows[id], row);
            }
        }

        return (whole, components);
    }

    private long ComponentOf(long contentId) => _components.ComponentId(_positions[contentId]);
}
