using System.Runtime.InteropServices;

namespace CpfPipeline.Matching.Grouping;

/// <summary>
/// Repeats the merges of an earlier result over other contents as far as they are surely merges of this one, too. What remains is left to
/// <see cref="NeighbourChain"/>. So a giant that a few contents have come to, or left, is not agglomerated from the beginning.
/// </summary>
/// <remarks>
/// <para>The earlier merges are taken in their order, the greedy one. A cluster is intact while it is the earlier one of that moment,
/// content by content; every other cluster is loose: contents that have come, and parts of clusters that are not made here. When the next
/// merge is that of two intact clusters A and B, no intact cluster comes before them: it was there in the earlier computation, which chose
/// A and B. When the mean of A and of B with every loose cluster is below theirs, A and B are each other's first choice here, too, so they
/// may be merged at once (see <see cref="NeighbourChain"/>). When it is not, or one of the two is not intact, both are loose from
/// then on: the earlier cluster of both is not made.</para>
/// <para>The means with loose clusters are only estimated: where the estimate's error leaves it open, the merge is not repeated. So
/// this may stop anywhere, and does when loose clusters have become so many that comparing with them does not pay.</para>
/// </remarks>
internal sealed class Replay
{
    // A comparison with a loose cluster is made for each merge by one thread, a search among active clusters for many at once by all.
    private const int ActivePerLoose = 16;
    private const int MinLoose = 64;

    // Far more than the rounding of a height.
    private const double HeightMargin = 1e-12;

    private readonly ClusterTable _clusters;
    private readonly IReadOnlyDictionary<long, int> _slots;
    private readonly bool[] _intact;
    private readonly List<int> _loose;
    private float[] _estimates = [];

    /// <param name="clusters">All clusters, the closures of verdicts merged.</param>
    /// <param name="slots">Slot of each content.</param>
    /// <param name="heads">The slots of the clusters.</param>
    /// <param name="unchanged">Whether a cluster was there before, with the same contents and embeddings.</param>
    public Replay(ClusterTable clusters, IReadOnlyDictionary<long, int> slots, IReadOnlyCollection<int> heads, Func<int, bool> unchanged)
    {
        (_clusters, _slots) = (clusters, slots);
        _intact = new bool[slots.Count];
        _loose = [];
        foreach (var head in heads)
        {
            _intact[head] = unchanged(head);
            if (!_intact[head])
            {
                _loose.Add(head);
            }
        }
    }

    /// <summary>Repeats what can be repeated.</summary>
    /// <param name="merges">The earlier merges in order, those of verdicts left out.</param>
    /// <param name="clusterCount">Clusters at the beginning.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    /// <returns>The merges made, as <see cref="NeighbourChain.Run"/>.</returns>
    public List<(int Left, int Right, ExactMean Mean)> Run(
        IEnumerable<AgglomerationMerge> merges, int clusterCount, CancellationToken cancellationToken)
    {
        var made = new List<(int Left, int Right, ExactMean Mean)>();
        foreach (var merge in merges)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_loose.Count > Math.Max(MinLoose, (clusterCount - made.Count) / ActivePerLoose))
            {
                break;
            }

            var (left, right) = (Intact(merge.Left), Intact(merge.Right));
            if (left >= 0 && right >= 0 && IsSure(left, right, merge.Height))
            {
                made.Add((left, right, _clusters.Exact(left, right)));
                _clusters.Merge(left, right);
                _intact[right] = false;
            }
            else
            {
                Loosen(left);
                Loosen(right);
            }
        }

        return made;
    }

    private int Intact(long contentId) => _slots.TryGetValue(contentId, out var slot) && _intact[slot] ? slot : -1;

    private void Loosen(int slot)
    {
        if (slot >= 0)
        {
            _intact[slot] = false;
            _loose.Add(slot);
        }
    }

    /// <summary>Whether every loose cluster surely comes after the other one of the two.</summary>
    private bool IsSure(int left, int right, double height)
    {
        var loose = CollectionsMarshal.AsSpan(_loose);
        if (_estimates.Length < 2 * loose.Length)
        {
            _estimates = new float[4 * loose.Length];
        }

        var estimates = _estimates.AsSpan(0, 2 * loose.Length);
        _clusters.EstimateEach(loose, [left, right], estimates, stride: 2);
        var max = (float)(height - _clusters.ErrorBound - HeightMargin);
        return AtLeast.Next(estimates, 0, MathF.BitDecrement(max)) == estimates.Length;
    }
}
