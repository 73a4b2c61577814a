namespace CpfPipeline.Matching.Grouping;

/// <summary>
/// For each cluster a short list of others and a bound: every cluster that no list entry has become part of has a mean of at most the bound
/// with it.
/// </summary>
/// <remarks>
/// The mean of C with A u B is at most the larger of those with A and with B. So a list stays true whatever merges, entries being followed
/// to the cluster they are in; and A u B takes both lists and the larger bound. What is below tau needs no bound: it stays below.
/// </remarks>
internal sealed class CandidateLists
{
    private readonly int[] _parents;
    private readonly int[][] _lists;
    private readonly double[] _bounds;
    private readonly int _length;

    /// <param name="slots">Clusters at the start.</param>
    /// <param name="length">Entries of a new list.</param>
    public CandidateLists(int slots, int length)
    {
        _length = length;
        _parents = [.. Enumerable.Range(0, slots)];
        _lists = new int[slots][];
        Array.Fill(_lists, []);
        _bounds = new double[slots];
        Array.Fill(_bounds, double.PositiveInfinity);
    }

    /// <summary>
    /// No cluster outside the list of <paramref name="slot"/> has a mean above this; minus infinity when all of them are below tau.
    /// </summary>
    public double Bound(int slot) => _bounds[slot];

    /// <summary>The clusters that the entries of a list are part of now, each once, the owner excepted.</summary>
    public ReadOnlySpan<int> Current(int slot)
    {
        var list = _lists[slot];
        var count = 0;
        for (var i = 0; i < list.Length; i++)
        {
            var current = Find(list[i]);
            if (current != slot && !list.AsSpan(0, count).Contains(current))
            {
                list[count++] = current;
            }
        }

        if (count < list.Length)
        {
            _lists[slot] = list = list[..count];
        }

        return list;
    }

    /// <summary>Makes a new list of the clusters with the highest estimates.</summary>
    /// <param name="slot">The owner.</param>
    /// <param name="slots">All others. Those whose estimate is below <paramref name="min"/> are not listed.</param>
    /// <param name="estimates">Mean with the owner, off by at most <paramref name="error"/>.</param>
    /// <param name="min">Below this estimate a mean is surely below tau.</param>
    /// <param name="error">Largest error of an estimate.</param>
    public void Renew(int slot, ReadOnlySpan<int> slots, ReadOnlySpan<float> estimates, float min, double error)
    {
        var nearest = new Nearest(_length);
        for (var i = AtLeast.Next(estimates, 0, min); i < estimates.Length; i = AtLeast.Next(estimates, i + 1, min))
        {
            nearest.Add(slots[i], estimates[i]);
            min = Math.Max(min, nearest.Min);
        }

        Set(slot, nearest, error);
    }

    /// <summary>Takes over a list made elsewhere, from estimates off by at most <paramref name="error"/>.</summary>
    public void Set(int slot, Nearest nearest, double error)
    {
        _lists[slot] = nearest.Slots.ToArray();
        _bounds[slot] = nearest.Min + error;
    }

    /// <summary>Follows a merge of <paramref name="right"/> into <paramref name="left"/>.</summary>
    public void Merge(int left, int right)
    {
        _parents[right] = left;
        _lists[left] = [.. _lists[left], .. _lists[right]];
        _lists[right] = [];
        _bounds[left] = Math.Max(_bounds[left], _bounds[right]);
        if (Current(left).Length > 4 * _length)
        {
            _lists[left] = [];
            _bounds[left] = double.PositiveInfinity;
        }
    }

    private int Find(int slot)
    {
        while (_parents[slot] != slot)
        {
            slot = _parents[slot] = _parents[_parents[slot]];
        }

        return slot;
    }

    /// <summary>The slots with the highest estimates so far.</summary>
    public sealed class Nearest(int length)
    {
        private readonly int[] _slots = new int[length];
        private readonly float[] _estimates = new float[length];
        private int _count;

        public ReadOnlySpan<int> Slots => _slots.AsSpan(0, _count);

        /// <summary>Estimates below this are not kept: minus infinity until the list is full.</summary>
        public float Min => _count == length ? _estimates[length - 1] : float.NegativeInfinity;

        /// <summary>Adds what another one has found among other slots.</summary>
        public void AddAll(Nearest other)
        {
            for (var i = 0; i < other._count; i++)
            {
                Add(other._slots[i], other._estimates[i]);
            }
        }

        public void Add(int slot, float estimate)
        {
            if (_count == length && estimate <= _estimates[length - 1])
            {
                return;
            }

            var at = _count == length ? length - 1 : _count++;
            for (; at > 0 && _estimates[at - 1] < estimate; at--)
            {
                (_slots[at], _estimates[at]) = (_slots[at - 1], _estimates[at - 1]);
            }

            (_slots[at], _estimates[at]) = (slot, estimate);
        }
    }
}
