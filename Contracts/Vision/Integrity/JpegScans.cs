namespace CpfPipeline.Vision.Integrity;

/// <summary>
/// Whether a JPEG's scans bring every coefficient of every component. Looks at markers only: tens of microseconds a file.
/// </summary>
internal static class JpegScans
{
    private const int Band = 64;
    private const byte NotSent = byte.MaxValue;

    /// <summary>
    /// Null when every coefficient is sent down to its last bit, or when too little of the file is understood to tell. libjpeg shows what
    /// it received without a warning: a progressive picture that lost its later scans is a blur, and one that lost a component is grey.
    /// </summary>
    public static Damage? FindMissing(ReadOnlySpan<byte> bytes)
    {
        var segments = new JpegSegments(bytes);
        JpegFrame? frame = null;
        byte[] sent = [];
        var scans = 0;
        while (segments.Next() && segments.Marker != JpegSegments.EndOfImage)
        {
            if (segments.IsFrameHeader)
            {
                if (frame is not null || (frame = JpegFrame.Parse(segments.Marker, segments.Body)) is not { IsUsual: true })
                {
                    return null;
                }

                sent = new byte[frame.Components.Count * Band];
                sent.AsSpan().Fill(NotSent);
            }
            else if (segments.Marker == JpegSegments.StartOfScan)
            {
                if (frame is null || JpegScan.Parse(frame, segments.Body) is not { } scan)
                {
                    return null;
                }

                scans++;
                foreach (var component in scan.Components)
                {
                    sent.AsSpan((component.Index * Band) + scan.First, scan.Last - scan.First + 1).Fill((byte)scan.LowBit);
                }

                if (sent.AsSpan().IndexOfAnyExcept((byte)0) < 0)
                {
                    return null;
                }
            }
        }

        return frame is null ? null : Damage.Cut($"the JPEG ends after {scans} scans, before it has sent every coefficient");
    }
}
