using System.Runtime.InteropServices;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Kernels;

namespace CpfPipeline.Matching.Joins;

/// <summary>
/// Candidates by products of rows rounded to whole numbers of one byte (<see cref="Int8Kernel"/>), with the proved bound of
/// <see cref="QuantisedRow"/> instead of float's much smaller one.
/// </summary>
/// <remarks>
/// Where many similarities lie just below their threshold the wider bound lets them all through, and deciding them costs more than the
/// faster products save. The same holds for what is kept: in a giant component nearly every similarity lies just below the least one kept.
/// So a sample of pairs is scanned first, the same for any number of threads; when it wastes too much, the rows are left to
/// <see cref="FloatPrefilter"/>. What is kept improves while a block is scanned, so a block is then sampled piece by piece.
/// Memory: a quarter of the block's floats, and 64 x D bytes a thread.
/// </remarks>
internal sealed class Int8Prefilter : IPairPrefilter
{
    private const int GroupPanels = 8;
    private const int SampleLefts = 32;
    private const int MinSampleStrips = 4;
    private const int MaxSampleStrips = 32;
    private const int StripsPerSampled = 16;

    // Right rows of the first piece of a block; each further one is twice as large.
    private const int FirstPieceRows = 1024;

    /// <summary>
    /// Share of pairs let through for nothing up to which this is the faster way. Measured as in <see cref="Int8Kernel"/>, 256 values: such
    /// a pair costs 125 ns and int8 saves 2.3 ns a pair, so they are even at 1 in 54; with 64 values at 1 in 40.
    /// </summary>
    public const double MaxWastedShare = 1.0 / 64;

    private readonly EmbeddingMatrix _left;
    private readonly WorkGroups _groups;
    private readonly FloatPrefilter _float;
    private readonly double _maxWastedShare;
    private readonly int _depth;
    private RoundedBlock _own = new();

    /// <param name="left">The left rows.</param>
    /// <param name="maxThreads">Threads at most; 0 means one per processor.</param>
    /// <param name="maxWastedShare">Share of pairs let through for nothing beyond which a block is left to float; 1: never.</param>
    public Int8Prefilter(EmbeddingMatrix left, int maxThreads, double maxWastedShare = MaxWastedShare)
    {
        _left = left;
        _maxWastedShare = maxWastedShare;
        _groups = new WorkGroups(maxThreads);
        _float = new FloatPrefilter(left, maxThreads);
        _depth = QuantisedRow.Padded(left.Dimension);
        BlockRows = Math.Clamp((4 << 20) / left.Dimension, 256, 16384);
    }

    public PairKernel Kernel => PairKernel.Int8;

    public int BlockRows { get; }

    /// <summary>Pieces of blocks scanned so far, and how many of them were left to float.</summary>
    public (int All, int Float) Pieces { get; private set; }

    /// <summary>Whether the machine and the dimension allow it.</summary>
    public static bool Supports(int dimension) => Int8Kernel.IsSupported && dimension <= QuantisedRow.MaxDimension;

    public void Scan(
        EmbeddingMatrix block, int start, int count, bool triangle, RowThresholds thresholds, Func<ICandidateSink> newSink,
        CancellationToken cancellationToken)
    {
        var rounded = Round(block, start, count, cancellationToken);
        var lefts = triangle ? start + count : _left.Count;
        var keeps = lefts > 0 && !double.IsPositiveInfinity(thresholds.Keep(0));
        var stripRows = Int8Kernel.StripRows;
        var strips = (count + stripRows - 1) / stripRows;
        for (int from = 0, length; from < strips; from += length)
        {
            length = keeps ? Math.Min(strips - from, Math.Max(from, FirstPieceRows / stripRows)) : strips;
            var piece = new Piece(block, rounded, start, count, from, from + length, lefts, triangle);
            var pays = lefts == 0 || Pays(piece, thresholds);
            Pieces = (Pieces.All + 1, Pieces.Float + (pays ? 0 : 1));
            if (pays)
            {
                Scan(piece, thresholds, newSink, cancellationToken);
            }
            else
            {
                var (first, end) = (start + (from * stripRows), start + Math.Min(count, (from + length) * stripRows));
                for (; first < end; first += _float.BlockRows)
                {
                    _float.Scan(
                        block, first, Math.Min(_float.BlockRows, end - first), triangle, thresholds, newSink, cancellationToken);
                }
            }
        }
    }

    private void Scan(Piece piece, RowThresholds thresholds, Func<ICandidateSink> newSink, CancellationToken cancellationToken)
    {
        var (panelRows, stripRows) = (Int8Kernel.PanelRows, Int8Kernel.StripRows);
        var panels = (piece.Lefts + panelRows - 1) / panelRows;
        var groupPanels = _groups.ItemsPerPiece(panels, GroupPanels);
        var groups = (panels + groupPanels - 1) / groupPanels;
        _groups.ForEach(groups, () => (Worker: new Worker(this, groupPanels), Sink: newSink()), (group, local) =>
        {
            var firstLeft = group * groupPanels * panelRows;
            local.Worker.Load(firstLeft, 1, Math.Min(groupPanels * panelRows, piece.Lefts - firstLeft), thresholds);

            // A strip stays in the first-level cache while the panels pass over it. In a triangle nothing lies before the first left row.
            var skipped = piece.Triangle ? Math.Max(0, firstLeft - piece.Start) / stripRows : 0;
            for (var strip = Math.Max(piece.FirstStrip, skipped); strip < piece.EndStrip; strip++)
            {
                local.Worker.Scan(piece, strip, thresholds, local.Sink);
            }
        }, cancellationToken, local => local.Sink.Flush());
    }

    private RoundedBlock Round(EmbeddingMatrix block, int start, int count, CancellationToken cancellationToken)
    {
        if (!block.KeepsRounded)
        {
            _own.Fill(block, start, count, _groups, cancellationToken);
            return _own;
        }

        // Kept with the block. Otherwise repeated joins with a few rows would spend most of their time on rounding.
        var kept = block.Rounded.FirstOrDefault(r => r.Start == start);
        if (kept is null)
        {
            block.Rounded.Add(kept = new RoundedBlock());
        }

        if (kept.Count != count || kept.Start != start)
        {
            kept.Fill(block, start, count, _groups, cancellationToken);
        }

        return kept;
    }

    /// <summary>Whether few enough of a sample's pairs are let through for nothing: left rows and strips evenly spread.</summary>
    private bool Pays(Piece piece, RowThresholds thresholds)
    {
        var strips = piece.EndStrip - piece.FirstStrip;
        var sampled = Math.Min(strips, Math.Clamp(strips / StripsPerSampled, MinSampleStrips, MaxSampleStrips));
        var rows = Math.Min(piece.Lefts, SampleLefts);
        var worker = new Worker(this, (SampleLefts + Int8Kernel.PanelRows - 1) / Int8Kernel.PanelRows);
        worker.Load(0, piece.Lefts / rows, rows, thresholds);
        var sample = new Sample(_left, piece.Block, thresholds);
        var pairs = 0;
        for (var i = 0; i < sampled; i++)
        {
            var strip = piece.FirstStrip + (int)((long)i * strips / sampled);
            worker.Scan(piece, strip, thresholds, sample);
            pairs += rows * piece.RowsOf(strip);
        }

        return sample.Wasted <= pairs * _maxWastedShare;
    }

    /// <summary>Strips <c>[FirstStrip, EndStrip)</c> of a block's <paramref name="Count"/> rows from <paramref name="Start"/>.</summary>
    private sealed record Piece(
        EmbeddingMatrix Block, RoundedBlock Rounded, int Start, int Count, int FirstStrip, int EndStrip, int Lefts, bool Triangle)
    {
        public int RowsOf(int strip) => Math.Min(Int8Kernel.StripRows, Count - (strip * Int8Kernel.StripRows));
    }

    /// <summary>Counts what is decided exactly although it neither reaches the threshold nor is kept, or need not be kept.</summary>
    private sealed class Sample(EmbeddingMatrix left, EmbeddingMatrix block, RowThresholds thresholds) : ICandidateSink
    {
        public int Wasted { get; private set; }

        public void Candidate(int leftRow, int right, bool mayBeKept)
        {
            var similarity = Similarity.Exact(left.Row(leftRow), block.Row(right));
            Wasted += similarity < (mayBeKept ? thresholds.Keep(leftRow) : thresholds.Min(leftRow)) ? 1 : 0;
        }

        public void Flush()
        {
        }
    }

    private sealed class Worker(Int8Prefilter owner, int groupPanels)
    {
        private readonly RoundedBlock.Buffer _buffer = new(owner._depth);
        private readonly int[] _panels = new int[groupPanels * Int8Kernel.PanelRows * owner._depth / 4];
        private readonly QuantisedRow[] _rows = new QuantisedRow[groupPanels * Int8Kernel.PanelRows];
        private readonly float[] _thresholds = new float[groupPanels * Int8Kernel.PanelRows];
        private readonly float[] _keeps = new float[groupPanels * Int8Kernel.PanelRows];
        private readonly float[] _norms = new float[groupPanels * Int8Kernel.PanelRows];
        private readonly float[] _residuals = new float[groupPanels * Int8Kernel.PanelRows];
        private readonly uint[] _hits = new uint[Int8Kernel.PanelRows];
        private readonly uint[] _kept = new uint[Int8Kernel.PanelRows];
        private int _first;
        private int _stride;
        private int _count;

        /// <summary>Takes the left rows first, first + stride, ...</summary>
        public void Load(int first, int stride, int count, RowThresholds thresholds)
        {
            (_first, _stride, _count) = (first, stride, count);
            var panelRows = Int8Kernel.PanelRows;
            for (var i = 0; i < count; i++)
            {
                var row = _rows[i] = QuantisedRow.Of(owner._left.Row(first + (i * stride)), _buffer.Floats, _buffer.Values);
                (_norms[i], _residuals[i]) = row.LeftTerms();
                (_thresholds[i], _keeps[i]) = (
                    row.LeftThreshold(thresholds.Min(first + (i * stride))), row.LeftThreshold(thresholds.Keep(first + (i * stride))));
                var values = MemoryMarshal.Cast<sbyte, int>(_buffer.Values);
                var panel = _panels.AsSpan(i / panelRows * panelRows * owner._depth / 4, panelRows * owner._depth / 4);
                for (int k = 0, to = i % panelRows; k < values.Length; k++, to += panelRows)
                {
                    panel[to] = Shifted(values[k]);
                }
            }

            // Whatever lies in the rows behind from an earlier group cannot hit.
            _thresholds.AsSpan(count).Fill(float.PositiveInfinity);
        }

        public void Scan(Piece piece, int strip, RowThresholds thresholds, ICandidateSink sink)
        {
            var (panelRows, stripRows, block) = (Int8Kernel.PanelRows, Int8Kernel.StripRows, piece.Rounded);
            var (panelValues, stripValues) = (panelRows * owner._depth / 4, stripRows * owner._depth / 4);
            var (at, rights) = (strip * stripRows, piece.RowsOf(strip));
            var right = new Int8Kernel.RightTerms(
                block.Starts.AsSpan(at, stripRows), block.Scales.AsSpan(at, stripRows), block.Residuals.AsSpan(at, stripRows),
                block.RoundedNorms.AsSpan(at, stripRows));
            var inside = rights == 32 ? uint.MaxValue : (1u << rights) - 1;
            for (var row = 0; row < _count; row += panelRows)
            {
                var left = new Int8Kernel.LeftTerms(
                    _thresholds.AsSpan(row, panelRows), _keeps.AsSpan(row, panelRows), _norms.AsSpan(row, panelRows),
                    _residuals.AsSpan(row, panelRows));
                if (Int8Kernel.Multiply(
                    _panels.AsSpan(row / panelRows * panelValues, panelValues), block.Strips.AsSpan(strip * stripValues, stripValues),
                    owner._depth, left, right, _hits, _kept))
                {
                    Report(row, piece.Start + at, inside, thresholds, sink);
                }
            }
        }

        private void Report(int firstRow, int firstRight, uint inside, RowThresholds thresholds, ICandidateSink sink)
        {
            for (var i = 0; i < Int8Kernel.PanelRows; i++)
            {
                var hits = _hits[i] & inside;
                if (hits == 0)
                {
                    continue;
                }

                var left = _first + ((firstRow + i) * _stride);
                for (; hits != 0; hits &= hits - 1)
                {
                    var bit = System.Numerics.BitOperations.TrailingZeroCount(hits);
                    sink.Candidate(left, firstRight + bit, (_kept[i] >> bit & 1) == 1);
                }

                var row = _rows[firstRow + i];
                (_thresholds[firstRow + i], _keeps[firstRow + i]) = (
                    row.LeftThreshold(thresholds.Min(left)), row.LeftThreshold(thresholds.Keep(left)));
            }
        }

        /// <summary>Adds <see cref="QuantisedRow.Largest"/> to each of the four bytes, none carrying into the next.</summary>
        private static int Shifted(int values) =>
            ((values & 0x7f7f7f7f) + (QuantisedRow.Largest * 0x01010101)) ^ (values & unchecked((int)0x80808080));
    }
}
