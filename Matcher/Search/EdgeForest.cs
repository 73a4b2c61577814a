namespace CpfPipeline.Matcher.Search;

/// <summary>
/// Keeps only the edges that connect what was not connected yet: fewer than there are contents, however dense the similarities are. The
/// kept edges tell the components as long as every end of a kept edge is still there.
/// </summary>
/// <remarks>
/// Nodes are numbers, so that a giant's hundreds of millions of edges cost nanoseconds each. The caller knows which content a node is.
/// </remarks>
internal sealed class EdgeForest
{
    private readonly List<(long A, long B)> _edges = [];
    private int[] _parents = [];
    private int[] _sizes = [];
    private int _count;

    /// <param name="nodes">Nodes at the beginning, numbered from 0.</param>
    public EdgeForest(int nodes = 0) => Extend(nodes);

    public IReadOnlyList<(long A, long B)> Edges => _edges;

    /// <summary>Adds nodes. No other thread may use the forest during the call.</summary>
    /// <returns>The first of them.</returns>
    public int Extend(int nodes)
    {
        var first = _count;
        if (_count + nodes > _parents.Length)
        {
            var length = Math.Max(_count + nodes, 2 * _parents.Length);
            Array.Resize(ref _parents, length);
            Array.Resize(ref _sizes, length);
        }

        for (; _count < first + nodes; _count++)
        {
            (_parents[_count], _sizes[_count]) = (_count, 1);
        }

        return first;
    }

    /// <summary>
    /// Whether edges connect two nodes already. While another thread adds edges, the answer may be outdated but never wrong when it is yes.
    /// </summary>
    public bool AreConnected(int a, int b) => Find(a) == Find(b);

    /// <summary>How many nodes are connected with a node, itself included. No other thread may use the forest during the call.</summary>
    public int SizeOf(int node) => _sizes[Find(node)];

    /// <summary>Adds an edge. One thread at a time may do so.</summary>
    /// <param name="a">A node.</param>
    /// <param name="b">Another.</param>
    /// <param name="contentA">The content that <paramref name="a"/> is.</param>
    /// <param name="contentB">The content that <paramref name="b"/> is.</param>
    public void Add(int a, int b, long contentA, long contentB)
    {
        var (rootA, rootB) = (Find(a), Find(b));
        if (rootA == rootB)
        {
            return;
        }

        // The smaller component goes below the larger one, so that no path is longer than the logarithm of the nodes. Paths are not
        // shortened on the way: a reader writes nothing, and a parent is of the same component whenever it is read.
        var (large, small) = _sizes[rootA] >= _sizes[rootB] ? (rootA, rootB) : (rootB, rootA);
        _sizes[large] += _sizes[small];
        Volatile.Write(ref _parents[small], large);
        _edges.Add((contentA, contentB));
    }

    private int Find(int node)
    {
        while (Volatile.Read(ref _parents[node]) is var parent && parent != node)
        {
            node = parent;
        }

        return node;
    }
}
