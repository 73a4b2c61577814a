namespace CpfPipeline.Vision.Integrity;

/// <summary>
/// Which blocks a scan brings, in which order (T.81 A.2): one component row by row, several interleaved by their sampling.
/// </summary>
internal sealed class JpegScanLayout
{
    private const int BlockSide = 8;

    private readonly (JpegScanComponent Component, int X, int Y, int Across, int Down, int Stride)[] _pattern;
    private readonly int _unitsAcross;

    public JpegScanLayout(JpegFrame frame, JpegScan scan)
    {
        var (across, down) = UnitsOf(frame);
        if (scan.Components.Count == 1)
        {
            // A component alone is not padded to whole units.
            var component = frame.Components[scan.Components[0].Index];
            _pattern = [(scan.Components[0], 0, 0, 1, 1, across * component.Horizontal)];
            across = Blocks(frame.Width * component.Horizontal, frame.MaxHorizontal);
            down = Blocks(frame.Height * component.Vertical, frame.MaxVertical);
        }
        else
        {
            _pattern = [.. scan.Components.SelectMany(c => Interleaved(c, frame.Components[c.Index], across))];
        }

        (_unitsAcross, UnitCount) = (across, across * down);
    }

    /// <summary>Minimum coded units of the scan.</summary>
    public int UnitCount { get; }

    /// <summary>Blocks of each unit.</summary>
    public int BlocksPerUnit => _pattern.Length;

    /// <summary>Units of an interleaved scan of all components.</summary>
    public static (int Across, int Down) UnitsOf(JpegFrame frame) =>
        (Blocks(frame.Width, frame.MaxHorizontal), Blocks(frame.Height, frame.MaxVertical));

    /// <summary>Whose block it is.</summary>
    public JpegScanComponent Component(int index) => _pattern[index].Component;

    /// <summary>The index of a block among its component's blocks, row by row and padded to whole units.</summary>
    public int Block(int unit, int index)
    {
        var (_, x, y, across, down, stride) = _pattern[index];
        var (row, column) = Math.DivRem(unit, _unitsAcross);
        return (((row * down) + y) * stride) + (column * across) + x;
    }

    private static IEnumerable<(JpegScanComponent Component, int X, int Y, int Across, int Down, int Stride)> Interleaved(
        JpegScanComponent scanned, JpegComponent component, int unitsAcross)
    {
        for (var y = 0; y < component.Vertical; y++)
        {
            for (var x = 0; x < component.Horizontal; x++)
            {
                yield return (scanned, x, y, component.Horizontal, component.Vertical, unitsAcross * component.Horizontal);
            }
        }
    }

    // Blocks of 8 that cover a length which is a share of the whole.
    private static int Blocks(int length, int of) => (length + (BlockSide * of) - 1) / (BlockSide * of);
}
