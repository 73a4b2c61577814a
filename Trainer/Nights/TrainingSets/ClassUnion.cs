namespace CpfPipeline.Nights.TrainingSets;

/// <summary>Keys and contents without one, united by verdicts; never across uses.</summary>
internal sealed class ClassUnion
{
    private readonly List<int> _parents = [];
    private readonly List<ClassKey?> _keys = [];
    private readonly Dictionary<ClassKey, int> _nodeOfKey = [];
    private readonly Dictionary<long, int> _nodeOfContent = [];

    /// <summary>A content that takes part.</summary>
    /// <param name="contentId">The content.</param>
    /// <param name="key">Null: unlabelled.</param>
    public void Add(long contentId, ClassKey? key)
    {
        if (key is not { } known)
        {
            _nodeOfContent[contentId] = NewNode(null);
            return;
        }

        if (!_nodeOfKey.TryGetValue(known, out var node))
        {
            _nodeOfKey[known] = node = NewNode(known);
        }

        _nodeOfContent[contentId] = node;
    }

    /// <summary>Whether the content takes part.</summary>
    public bool Contains(long contentId) => _nodeOfContent.ContainsKey(contentId);

    /// <summary>Whether a key, its own or a partner's, says what the content shows.</summary>
    public bool IsLabelled(long contentId) => KeyOf(Find(contentId)) is not null;

    /// <summary>A number that identifies the class of a content.</summary>
    public int Find(long contentId) => Root(_nodeOfContent[contentId]);

    /// <summary>The first key of a class; null: none.</summary>
    public ClassKey? KeyOf(int root) => _keys[root];

    /// <summary>Unites the classes of two contents. False when they have different uses and stay separate.</summary>
    public bool TryUnite(long a, long b)
    {
        var (left, right) = (Find(a), Find(b));
        if (left == right)
        {
            return true;
        }

        if (_keys[left] is { } one && _keys[right] is { } other)
        {
            if (one.Use != other.Use)
            {
                return false;
            }

            _keys[left] = one.CompareTo(other) < 0 ? one : other;
        }
        else
        {
            _keys[left] ??= _keys[right];
        }

        _parents[right] = left;
        return true;
    }

    private int NewNode(ClassKey? key)
    {
        _parents.Add(_parents.Count);
        _keys.Add(key);
        return _parents.Count - 1;
    }

    private int Root(int node)
    {
        while (_parents[node] != node)
        {
            node = _parents[node] = _parents[_parents[node]];
        }

        return node;
    }
}
