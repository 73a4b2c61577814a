namespace CpfPipeline.Vision.Integrity;

/// <summary>A scan header (T.81 B.2.3).</summary>
/// <param name="Components">Indexes into the frame's components, with the tables of each.</param>
/// <param name="First">First coefficient of the band, 0 to 63.</param>
/// <param name="Last">Last coefficient of the band.</param>
/// <param name="HighBit">The bit sent before; 0 in a first pass.</param>
/// <param name="LowBit">The bit sent now.</param>
internal sealed record JpegScan(IReadOnlyList<JpegScanComponent> Components, int First, int Last, int HighBit, int LowBit)
{
    /// <summary>Null when the header contradicts itself or names components that the frame does not have.</summary>
    public static JpegScan? Parse(JpegFrame frame, ReadOnlySpan<byte> body)
    {
        if (body.Length < 1 || body[0] is < 1 or > 4 || body.Length < 4 + (2 * body[0]))
        {
            return null;
        }

        var components = new JpegScanComponent[body[0]];
        for (var i = 0; i < components.Length; i++)
        {
            var index = IndexOf(frame, body[1 + (2 * i)]);
            var tables = body[2 + (2 * i)];
            if (index < 0 || tables >> 4 > 3 || (tables & 15) > 3)
            {
                return null;
            }

            components[i] = new JpegScanComponent(index, tables >> 4, tables & 15);
        }

        // Some encoders leave zeros here in sequential files; decoders take the whole band then.
        var at = 1 + (2 * components.Length);
        var (first, last, bits) = frame.IsProgressive ? (body[at], body[at + 1], body[at + 2]) : ((byte)0, (byte)63, (byte)0);
        return last > 63 || first > last || (first == 0) != (last == 0) && frame.IsProgressive || (first > 0 && components.Length > 1)
            ? null
            : new JpegScan(components, first, last, bits >> 4, bits & 15);
    }

    private static int IndexOf(JpegFrame frame, byte id)
    {
        for (var i = 0; i < frame.Components.Count; i++)
        {
            if (frame.Components[i].Id == id)
            {
                return i;
            }
        }

        return -1;
    }
}

/// <summary>A component of a scan: its index in the frame, and its Huffman tables.</summary>
internal readonly record struct JpegScanComponent(int Index, int DcTable, int AcTable);
