namespace CpfPipeline.Matching.Kernels;

/// <summary>Reads one row <c>[D]</c> as float.</summary>
internal delegate void RowReader(int row, Span<float> destination);

/// <summary>
/// Products of left rows with one packed block of right rows, in float, on several threads; reports the pairs that reach their left row's
/// threshold. A left row is worked on by one thread at a time.
/// </summary>
internal sealed class BlockedProduct
{
    private const int GroupPanels = 8;
    private const int CacheValues = 64 * 1024;

    private readonly int _dimension;
    private readonly WorkGroups _groups;
    private float[] _strips = [];
    private int _blockRows;

    /// <param name="dimension">Values a row.</param>
    /// <param name="maxThreads">Threads at most; 0 means one per processor.</param>
    public BlockedProduct(int dimension, int maxThreads)
    {
        _dimension = dimension;
        _groups = new WorkGroups(maxThreads);
    }

    /// <summary>Right rows a block such that its floats take some 16 MB at most.</summary>
    public static int BlockRows(int dimension) => Math.Clamp((4 << 20) / dimension, 256, 4096);

    /// <summary>Packs rows <c>[start, start + count)</c> as the right side.</summary>
    public void Pack(RowReader reader, int start, int count, CancellationToken cancellationToken)
    {
        var stripRows = TileKernel.StripRows;
        var strips = (count + stripRows - 1) / stripRows;
        var stripValues = stripRows * _dimension;
        _blockRows = count;
        if (_strips.Length < strips * stripValues)
        {
            _strips = new float[strips * stripValues];
        }

        _groups.ForEach(strips, () => new float[_dimension], (strip, row) =>
            PackRows(reader, start + (strip * stripRows), Math.Min(stripRows, count - (strip * stripRows)), stripRows, row,
                _strips.AsSpan(strip * stripValues, stripValues)), cancellationToken);
    }

    /// <summary>Multiplies left rows <c>[0, count)</c> by the packed block.</summary>
    /// <param name="reader">Reads a left row.</param>
    /// <param name="count">Left rows.</param>
    /// <param name="threshold">Of a left row, asked again after each hit.</param>
    /// <param name="newSink">Makes a thread's receiver of (left row, index in the block, product).</param>
    /// <param name="cancellationToken">Checked between groups of left rows.</param>
    public void Multiply(
        RowReader reader, int count, Func<int, float> threshold, Func<IHitSink> newSink, CancellationToken cancellationToken)
    {
        var panelRows = TileKernel.PanelRows;
        var panels = (count + panelRows - 1) / panelRows;
        var groupPanels = _groups.ItemsPerPiece(panels, GroupPanels);
        var groups = (panels + groupPanels - 1) / groupPanels;
        _groups.ForEach(groups, () => new Worker(this, groupPanels, newSink()), (group, worker) =>
        {
            var first = group * groupPanels;
            worker.Multiply(reader, count, first, Math.Min(groupPanels, panels - first), threshold);
        }, cancellationToken, worker => worker.Sink.Flush());
    }

    private static void PackRows(RowReader reader, int start, int count, int width, Span<float> row, Span<float> packed)
    {
        if (count < width)
        {
            packed.Clear();
        }

        for (var i = 0; i < count; i++)
        {
            reader(start + i, row);
            for (int k = 0, at = i; k < row.Length; k++, at += width)
            {
                packed[at] = row[k];
            }
        }
    }

    private sealed class Worker(BlockedProduct owner, int groupPanels, IHitSink sink)
    {
        private readonly float[] _row = new float[owner._dimension];
        private readonly float[] _panels = new float[groupPanels * TileKernel.PanelRows * owner._dimension];
        private readonly float[] _thresholds = new float[groupPanels * TileKernel.PanelRows];
        private readonly float[] _products = new float[TileKernel.PanelRows * TileKernel.StripRows];

        public IHitSink Sink { get; } = sink;

        public void Multiply(RowReader reader, int count, int firstPanel, int panels, Func<int, float> threshold)
        {
            var (panelRows, stripRows, depth) = (TileKernel.PanelRows, TileKernel.StripRows, owner._dimension);
            var (panelValues, stripValues) = (panelRows * depth, stripRows * depth);
            for (var panel = 0; panel < panels; panel++)
            {
                var start = (firstPanel + panel) * panelRows;
                var rows = Math.Min(panelRows, count - start);
                PackRows(reader, start, rows, panelRows, _row, _panels.AsSpan(panel * panelValues, panelValues));
                for (var row = 0; row < panelRows; row++)
                {
                    _thresholds[(panel * panelRows) + row] = row < rows ? threshold(start + row) : float.PositiveInfinity;
                }
            }

            // The strips of one chunk stay in the second-level cache while every panel passes over them.
            var strips = (owner._blockRows + stripRows - 1) / stripRows;
            var chunk = Math.Max(1, CacheValues / stripValues);
            for (var firstStrip = 0; firstStrip < strips; firstStrip += chunk)
            {
                for (var panel = 0; panel < panels; panel++)
                {
                    var values = _panels.AsSpan(panel * panelValues, panelValues);
                    var thresholds = _thresholds.AsSpan(panel * panelRows, panelRows);
                    for (var strip = firstStrip; strip < Math.Min(strips, firstStrip + chunk); strip++)
                    {
                        if (TileKernel.Multiply(
                            values, owner._strips.AsSpan(strip * stripValues, stripValues), depth, thresholds, _products))
                        {
                            Report((firstPanel + panel) * panelRows, strip * stripRows, thresholds, threshold);
                        }
                    }
                }
            }
        }

        private void Report(int firstLeft, int firstRight, Span<float> thresholds, Func<int, float> threshold)
        {
            var stripRows = TileKernel.StripRows;
            var rights = Math.Min(stripRows, owner._blockRows - firstRight);
            for (var row = 0; row < thresholds.Length; row++)
            {
                var hit = false;
                for (var column = 0; column < rights; column++)
                {
                    var product = _products[(row * stripRows) + column];
                    if (product >= thresholds[row])
                    {
                        Sink.Hit(firstLeft + row, firstRight + column, product);
                        hit = true;
                    }
                }

                if (hit)
                {
                    thresholds[row] = threshold(firstLeft + row);
                }
            }
        }
    }
}
