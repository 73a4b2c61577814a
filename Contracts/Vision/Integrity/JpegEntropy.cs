namespace CpfPipeline.Vision.Integrity;

/// <summary>
/// Follows the Huffman codes of every scan, block by block, without making pixels of them. That takes a seventh of the time of decoding
/// (0.5 of 3.4 ms for 500 x 500 pixels), so it runs only when something looks wrong. libjpeg reports lost data and harmless oddities by the
/// same kind of warning.
/// </summary>
internal sealed class JpegEntropy
{
    // 64 MiB of coefficients known not to be zero: 178 million pixels without subsampling. A header may claim more than there is.
    private const long MaxBlocks = 1 << 23;

    private readonly JpegHuffman?[] _tables = new JpegHuffman?[8];
    private JpegFrame? _frame;
    // A scan of a progressive file can name all blocks in a few bytes: their number bounds the work. libvips refuses more as well.
    private const int MaxScans = 100;
    private ulong[][] _sent = [];
    private ulong _nothing;
    private int _restartInterval;
    private int _scans;

    /// <summary>Null when every block of every scan is there and every code is in its table.</summary>
    public static Damage? Find(ReadOnlySpan<byte> bytes) => new JpegEntropy().Walk(bytes);

    private Damage? Walk(ReadOnlySpan<byte> bytes)
    {
        var segments = new JpegSegments(bytes);
        while (segments.Next() && segments.Marker != JpegSegments.EndOfImage)
        {
            if (segments.IsFrameHeader)
            {
                if (_frame is not null || (_frame = JpegFrame.Parse(segments.Marker, segments.Body)) is null)
                {
                    return Damage.Broken("the JPEG has a frame header that contradicts itself, or two of them");
                }

                if (!_frame.IsUsual || _frame.IsArithmetic)
                {
                    return Damage.Broken($"the JPEG is coded by a rare process (SOF{_frame.Process - 0xC0}), and its data are at fault");
                }

                if (_frame.IsProgressive && _frame.Components.Sum(PaddedBlocks) > MaxBlocks)
                {
                    return Damage.Broken($"the progressive JPEG of {_frame.Width} x {_frame.Height} pixels is too large to be followed");
                }

                _sent = [.. _frame.Components.Select(c => new ulong[_frame.IsProgressive ? PaddedBlocks(c) : 0])];
            }
            else if (segments.Marker == JpegSegments.HuffmanTables && !JpegHuffman.TryDefine(segments.Body, _tables))
            {
                return Damage.Broken("a Huffman table of the JPEG is broken");
            }
            else if (segments.Marker == JpegSegments.RestartInterval && segments.Body.Length >= 2)
            {
                _restartInterval = (segments.Body[0] << 8) | segments.Body[1];
            }
            else if (segments.Marker == JpegSegments.StartOfScan)
            {
                if (_frame is null || JpegScan.Parse(_frame, segments.Body) is not { } scan)
                {
                    return Damage.Broken("a scan header of the JPEG contradicts its frame header");
                }

                if (++_scans > MaxScans)
                {
                    return Damage.Broken($"the JPEG has more than {MaxScans} scans");
                }

                var bits = new JpegBits(bytes, segments.End);
                if (Follow(scan, ref bits) is { } damage)
                {
                    return damage;
                }

                segments.SkipTo(bits.At);
            }
        }

        return _scans == 0 ? Damage.Cut("the JPEG ends before its first scan") : null;
    }

    private Damage? Follow(JpegScan scan, ref JpegBits bits)
    {
        var coder = new JpegBlockReader(scan, _frame!.IsProgressive);
        var layout = new JpegScanLayout(_frame, scan);
        foreach (var component in scan.Components)
        {
            if (!coder.HasTables(component, _tables))
            {
                return Damage.Broken($"scan {_scans} of the JPEG names a Huffman table that is not there");
            }
        }

        for (var unit = 0; unit < layout.UnitCount; unit++)
        {
            if (_restartInterval > 0 && unit > 0 && unit % _restartInterval == 0)
            {
                if (!bits.TakeRestart(((unit / _restartInterval) - 1) & 7))
                {
                    return Lost(unit, layout.UnitCount);
                }

                coder.Restart();
            }

            for (var i = 0; i < layout.BlocksPerUnit; i++)
            {
                var component = layout.Component(i);
                ref var sent = ref _frame.IsProgressive ? ref _sent[component.Index][layout.Block(unit, i)] : ref _nothing;
                if (!coder.Read(component, _tables, ref bits, ref sent))
                {
                    return bits.Overrun
                        ? Lost(unit, layout.UnitCount)
                        : Damage.Broken(
                            $"scan {_scans} of the JPEG holds bits that are no code, after {unit} of {layout.UnitCount} units");
                }
            }

            if (bits.Overrun)
            {
                return Lost(unit, layout.UnitCount);
            }
        }

        return null;
    }

    private Damage Lost(int unit, int units) => Damage.Cut($"the data of scan {_scans} of the JPEG end after {unit} of {units} units");

    private long PaddedBlocks(JpegComponent component)
    {
        var (across, down) = JpegScanLayout.UnitsOf(_frame!);
        return (long)across * component.Horizontal * down * component.Vertical;
    }
}
