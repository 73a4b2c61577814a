using CpfPipeline.Matching;

namespace CpfPipeline.Matcher.Search;

/// <summary>
/// Edges between contents, of which only those are kept that connect what was not connected yet: as many as contents at most, however
/// dense the similarities are. Good for connectivity as long as every end of a kept edge is still there.
/// </summary>
internal sealed class EdgeForest
{
    private readonly Dictionary<long, int> _indices = [];
    private readonly ConnectedComponents _components = new();
    private readonly List<(long A, long B)> _edges = [];

    public IReadOnlyList<(long A, long B)> Edges => _edges;

    public void Add(long a, long b)
    {
        if (_components.Union(Index(a), Index(b)))
        {
            _edges.Add((a, b));
        }
    }

    private int Index(long contentId)
    {
        if (!_indices.TryGetValue(contentId, out var index))
        {
            _indices.Add(contentId, index = _components.Add(contentId));
        }

        return index;
    }
}
