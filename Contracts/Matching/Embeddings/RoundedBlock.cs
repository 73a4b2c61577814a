using System.Runtime.InteropServices;
using CpfPipeline.Matching.Kernels;

namespace CpfPipeline.Matching.Embeddings;

/// <summary>Rows of a block rounded to whole numbers of one byte and laid out as <see cref="Int8Kernel"/> reads them: strip after strip.</summary>
internal sealed class RoundedBlock
{
    /// <summary>First row.</summary>
    public int Start { get; private set; } = -1;

    /// <summary>Rows; what lies behind them is not looked at.</summary>
    public int Count { get; private set; }

    public int[] Strips { get; private set; } = [];

    public int[] Starts { get; private set; } = [];

    public float[] Scales { get; private set; } = [];

    public float[] Residuals { get; private set; } = [];

    public float[] RoundedNorms { get; private set; } = [];

    /// <summary>Rounds the rows <c>[start, start + count)</c>.</summary>
    public void Fill(EmbeddingMatrix block, int start, int count, WorkGroups groups, CancellationToken cancellationToken)
    {
        var (stripRows, depth) = (Int8Kernel.StripRows, QuantisedRow.Padded(block.Dimension));
        var strips = (count + stripRows - 1) / stripRows;
        var stripValues = stripRows * depth / 4;
        (Start, Count) = (-1, 0);
        if (Strips.Length < strips * stripValues)
        {
            Strips = new int[strips * stripValues];
            Starts = new int[strips * stripRows];
            Scales = new float[strips * stripRows];
            Residuals = new float[strips * stripRows];
            RoundedNorms = new float[strips * stripRows];
        }

        groups.ForEach(strips, () => new Buffer(depth), (strip, buffer) =>
        {
            var packed = Strips.AsSpan(strip * stripValues, stripValues);
            for (var i = 0; i < stripRows && (strip * stripRows) + i < count; i++)
            {
                var at = (strip * stripRows) + i;
                var row = QuantisedRow.Of(block.Row(start + at), buffer.Floats, buffer.Values);
                Starts[at] = -QuantisedRow.Largest * row.Sum;
                Scales[at] = row.Scale;
                Residuals[at] = row.Residual;
                RoundedNorms[at] = row.RoundedNorm;
                var values = MemoryMarshal.Cast<sbyte, int>(buffer.Values);
                for (int k = 0, to = i; k < values.Length; k++, to += stripRows)
                {
                    packed[to] = values[k];
                }
            }
        }, cancellationToken);
        (Start, Count) = (start, count);
    }

    public sealed class Buffer(int depth)
    {
        public readonly float[] Floats = new float[depth];
        public readonly sbyte[] Values = new sbyte[depth];
    }
}
