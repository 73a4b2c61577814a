namespace CpfPipeline.Matching.Grouping;

/// <summary>
/// Union-find over the indices of a list of contents. A component's id is its smallest content id, whatever the order of unions.
/// </summary>
public sealed class ConnectedComponents
{
    private readonly List<int> _parents = []; // Every element is of the same component as its index, whenever it is read.
    private readonly List<int> _sizes = [];
    private readonly List<long> _smallest = [];
    private readonly List<long> _contentIds = [];

    public ConnectedComponents()
    {
    }

    /// <param name="contentIds">Content id of each index; each starts as a component of its own.</param>
    public ConnectedComponents(ReadOnlySpan<long> contentIds)
    {
        foreach (var contentId in contentIds)
        {
            Add(contentId);
        }
    }

    /// <summary>Contents.</summary>
    public int Count => _parents.Count;

    /// <summary>Adds a content as a component of its own and returns its index.</summary>
    public int Add(long contentId)
    {
        _parents.Add(Count);
        _sizes.Add(1);
        _smallest.Add(contentId);
        _contentIds.Add(contentId);
        return Count - 1;
    }

    /// <summary>Joins the components of two indices. Returns false when they already were one.</summary>
    public bool Union(int left, int right)
    {
        var (large, small) = (Find(left), Find(right));
        if (large == small)
        {
            return false;
        }

        if (_sizes[large] < _sizes[small])
        {
            (large, small) = (small, large);
        }

        _parents[small] = large;
        _sizes[large] += _sizes[small];
        _smallest[large] = Math.Min(_smallest[large], _smallest[small]);
        return true;
    }

    /// <summary>
    /// Whether two indices are in one component. Writes nothing: may be asked while another thread unites (not adds), of whose last unions
    /// it may not know yet.
    /// </summary>
    public bool AreSurelyConnected(int left, int right)
    {
        for (; _parents[left] != left; left = _parents[left])
        {
        }

        for (; _parents[right] != right; right = _parents[right])
        {
        }

        return left == right;
    }

    /// <summary>The smallest content id in the component of an index.</summary>
    public long ComponentId(int index) => _smallest[Find(index)];

    /// <summary>How many contents the component of an index holds.</summary>
    public int ComponentSize(int index) => _sizes[Find(index)];

    /// <summary>The components' member indices (ascending content id), by component id.</summary>
    public SortedDictionary<long, List<int>> Components()
    {
        var components = new SortedDictionary<long, List<int>>();
        foreach (var index in Enumerable.Range(0, Count).OrderBy(index => _contentIds[index]))
        {
            var id = ComponentId(index);
            if (!components.TryGetValue(id, out var members))
            {
                components.Add(id, members = []);
            }

            members.Add(index);
        }

        return components;
    }

    private int Find(int index)
    {
        while (_parents[index] != index)
        {
            // Path halving.
            index = _parents[index] = _parents[_parents[index]];
        }

        return index;
    }
}
