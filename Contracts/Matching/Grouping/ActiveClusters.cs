using System.Numerics.Tensors;
using CpfPipeline.Matching.Kernels;

namespace CpfPipeline.Matching.Grouping;

/// <summary>The clusters that may still merge, and, when there are many, their means packed for products of some or all with all.</summary>
/// <remarks>
/// The means lie as <see cref="TileKernel"/> reads them, and a merge writes one anew. So a product needs no preparation, and many
/// searches at once run at the speed of a matrix product, where one alone would wait for memory.
/// </remarks>
internal sealed class ActiveClusters
{
    private const int StripsPerPiece = 16;
    private const int PanelsPerGroup = 8;

    private readonly ClusterTable _clusters;
    private readonly int[] _slots;
    private readonly int[] _positions;
    private float[][] _strips = [];

    /// <param name="clusters">All clusters.</param>
    /// <param name="slots">The slots of those that are active, rising.</param>
    public ActiveClusters(ClusterTable clusters, int[] slots)
    {
        (_clusters, _slots, Count) = (clusters, [.. slots], slots.Length);
        _positions = new int[slots.Length == 0 ? 0 : slots[^1] + 1];
        for (var position = 0; position < slots.Length; position++)
        {
            _positions[slots[position]] = position;
        }
    }

    /// <summary>Active clusters.</summary>
    public int Count { get; private set; }

    /// <summary>Numbers above every slot.</summary>
    public int Capacity => _positions.Length;

    /// <summary>The active slots.</summary>
    public ReadOnlySpan<int> Slots => _slots.AsSpan(0, Count);

    /// <summary>Whether the means are packed.</summary>
    public bool IsPacked => _strips.Length > 0;

    public bool Contains(int slot) => _positions[slot] >= 0;

    /// <summary>Packs the means, once.</summary>
    public void Pack()
    {
        _strips = new float[(Count + TileKernel.StripRows - 1) / TileKernel.StripRows][];
        for (var strip = 0; strip < _strips.Length; strip++)
        {
            _strips[strip] = new float[TileKernel.StripRows * _clusters.Dimension];
        }

        for (var position = 0; position < Count; position++)
        {
            Write(position);
        }
    }

    /// <summary>Takes over the mean of a cluster that another one has merged into.</summary>
    public void Update(int slot) => Write(_positions[slot]);

    public void Retire(int slot)
    {
        var (position, last) = (_positions[slot], _slots[--Count]);
        _slots[position] = last;
        _positions[last] = position;
        _positions[slot] = -1;
        if (position < Count)
        {
            Write(position);
        }
    }

    /// <summary>The nearest active clusters of some, by their estimated means.</summary>
    /// <param name="queries">The clusters.</param>
    /// <param name="length">How many to find.</param>
    /// <param name="min">Smallest estimate that matters.</param>
    /// <param name="groups">Threads.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    public CandidateLists.Nearest[] Nearest(
        IReadOnlyList<int> queries, int length, float min, WorkGroups groups, CancellationToken cancellationToken)
    {
        var found = NewLists(queries.Count, length);
        var panelRows = TileKernel.PanelRows;
        var panels = new float[(queries.Count + panelRows - 1) / panelRows][];
        for (var panel = 0; panel < panels.Length; panel++)
        {
            panels[panel] = new float[panelRows * _clusters.Dimension];
            for (var row = 0; row < panelRows && (panel * panelRows) + row < queries.Count; row++)
            {
                Scatter(_clusters.Mean(queries[(panel * panelRows) + row]), panels[panel], row, panelRows);
            }
        }

        var strips = (Count + TileKernel.StripRows - 1) / TileKernel.StripRows;
        groups.ForEach(
            (strips + StripsPerPiece - 1) / StripsPerPiece,
            () => new Part(NewLists(queries.Count, length), Thresholds(queries.Count, panels.Length, min)),
            (piece, part) =>
            {
                var first = piece * StripsPerPiece;
                for (var panel = 0; panel < panels.Length; panel++)
                {
                    for (var strip = first; strip < Math.Min(strips, first + StripsPerPiece); strip++)
                    {
                        Take(panels[panel], panel * panelRows, strip, queries, part);
                    }
                }
            }, cancellationToken,
            part =>
            {
                lock (found)
                {
                    for (var query = 0; query < found.Length; query++)
                    {
                        found[query].AddAll(part.Lists[query]);
                    }
                }
            });
        return found;
    }

    /// <summary>The nearest active clusters of each, in order of <see cref="Slots"/>, every pair multiplied once.</summary>
    /// <inheritdoc cref="Nearest" path="/param"/>
    public CandidateLists.Nearest[] NearestOfAll(int length, float min, WorkGroups groups, CancellationToken cancellationToken)
    {
        var found = NewLists(Count, length);
        var thresholds = new float[Count];
        Array.Fill(thresholds, min);
        var (panelRows, stripRows) = (TileKernel.PanelRows, TileKernel.StripRows);
        var panels = (Count + panelRows - 1) / panelRows;
        var strips = (Count + stripRows - 1) / stripRows;
        var groupPanels = groups.ItemsPerPiece(panels, PanelsPerGroup);
        groups.ForEach((panels + groupPanels - 1) / groupPanels, () => new AllPart(groupPanels, _clusters.Dimension), (group, part) =>
        {
            var firstLeft = group * groupPanels * panelRows;
            var lefts = Math.Min(groupPanels * panelRows, Count - firstLeft);
            for (var row = 0; row < lefts; row++)
            {
                Scatter(_clusters.Mean(_slots[firstLeft + row]), part.Panels[row / panelRows], row % panelRows, panelRows);
            }

            for (var strip = firstLeft / stripRows; strip < strips; strip++)
            {
                var rights = Math.Min(stripRows, Count - (strip * stripRows));
                var lowest = TensorPrimitives.Min<float>(thresholds.AsSpan(strip * stripRows, rights));
                for (var first = 0; first < lefts; first += panelRows)
                {
                    for (var row = 0; row < panelRows; row++)
                    {
                        part.Thresholds[row] = first + row < lefts
                            ? Math.Min(lowest, thresholds[firstLeft + first + row]) : float.PositiveInfinity;
                    }

                    if (TileKernel.Multiply(
                        part.Panels[first / panelRows], _strips[strip], _clusters.Dimension, part.Thresholds, part.Products))
                    {
                        Offer(firstLeft + first, strip * stripRows, rights, min, part, thresholds, found);
                    }
                }
            }
        }, cancellationToken);
        return found;
    }

    private void Take(float[] panel, int firstQuery, int strip, IReadOnlyList<int> queries, Part part)
    {
        var (panelRows, stripRows) = (TileKernel.PanelRows, TileKernel.StripRows);
        var thresholds = part.Thresholds.AsSpan(firstQuery, panelRows);
        if (!TileKernel.Multiply(panel, _strips[strip], _clusters.Dimension, thresholds, part.Products))
        {
            return;
        }

        var first = strip * stripRows;
        var rights = Math.Min(stripRows, Count - first);
        for (var row = 0; row < panelRows && firstQuery + row < queries.Count; row++)
        {
            for (var column = 0; column < rights; column++)
            {
                var estimate = part.Products[(row * stripRows) + column];
                if (estimate >= thresholds[row] && MayMerge(queries[firstQuery + row], _slots[first + column]))
                {
                    part.Lists[firstQuery + row].Add(_slots[first + column], estimate);
                    thresholds[row] = Math.Max(thresholds[row], part.Lists[firstQuery + row].Min);
                }
            }
        }
    }

    private void Offer(
        int firstLeft, int firstRight, int rights, float min, AllPart part, float[] thresholds, CandidateLists.Nearest[] found)
    {
        var lefts = Math.Min(TileKernel.PanelRows, Count - firstLeft);
        for (var row = 0; row < lefts; row++)
        {
            var left = firstLeft + row;
            for (var column = 0; column < rights; column++)
            {
                // Thresholds only rise. One that is read while another thread raises it lets a candidate through for nothing.
                var (right, estimate) = (firstRight + column, part.Products[(row * TileKernel.StripRows) + column]);
                if (left < right && (estimate >= thresholds[left] || estimate >= thresholds[right])
                    && MayMerge(_slots[left], _slots[right]))
                {
                    Add(left, right, estimate);
                    Add(right, left, estimate);
                }
            }
        }

        void Add(int position, int other, float estimate)
        {
            if (estimate >= thresholds[position])
            {
                lock (found[position])
                {
                    found[position].Add(_slots[other], estimate);
                    thresholds[position] = Math.Max(min, found[position].Min);
                }
            }
        }
    }

    private bool MayMerge(int slot, int other) => slot != other && _clusters.SeparatedFrom(slot)?.Contains(other) != true;

    private void Write(int position)
    {
        if (IsPacked)
        {
            Scatter(
                _clusters.Mean(_slots[position]), _strips[position / TileKernel.StripRows], position % TileKernel.StripRows,
                TileKernel.StripRows);
        }
    }

    private static void Scatter(ReadOnlySpan<float> values, float[] packed, int row, int rows)
    {
        for (int k = 0, at = row; k < values.Length; k++, at += rows)
        {
            packed[at] = values[k];
        }
    }

    private static CandidateLists.Nearest[] NewLists(int count, int length)
    {
        var lists = new CandidateLists.Nearest[count];
        for (var i = 0; i < count; i++)
        {
            lists[i] = new CandidateLists.Nearest(length);
        }

        return lists;
    }

    private static float[] Thresholds(int queries, int panels, float min)
    {
        var thresholds = new float[panels * TileKernel.PanelRows];
        thresholds.AsSpan(0, queries).Fill(min);
        thresholds.AsSpan(queries).Fill(float.PositiveInfinity);
        return thresholds;
    }

    private sealed record Part(CandidateLists.Nearest[] Lists, float[] Thresholds)
    {
        public float[] Products { get; } = new float[TileKernel.PanelRows * TileKernel.StripRows];
    }

    private sealed class AllPart(int panels, int dimension)
    {
        public float[][] Panels { get; } =
            [.. Enumerable.Range(0, panels).Select(_ => new float[TileKernel.PanelRows * dimension])];

        public float[] Thresholds { get; } = new float[TileKernel.PanelRows];

        public float[] Products { get; } = new float[TileKernel.PanelRows * TileKernel.StripRows];
    }
}
