using CpfPipeline.Tests.Unit.Contracts.Vision.Samples;
using CpfPipeline.Vision.Integrity;
using NetVips;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Decode;

/// <summary>Files that lost a part of their data, and whole ones with a harmless oddity, made from small busy pictures.</summary>
internal static class DamagedFiles
{
    private static readonly byte[] JpegEnd = [0xFF, JpegSegments.EndOfImage];

    public static byte[] BusyJpeg(bool progressive = false, int restartInterval = 0)
    {
        using var image = Busy();
        return image.JpegsaveBuffer(q: 90, interlace: progressive, restartInterval: restartInterval);
    }

    public static byte[] BusyPng(bool interlaced = false)
    {
        using var image = Busy();
        return image.PngsaveBuffer(interlace: interlaced);
    }

    public static byte[] BusyGif()
    {
        using var image = Busy();
        return image.GifsaveBuffer();
    }

    public static byte[] BusyWebP(bool lossless = false)
    {
        using var image = Busy();
        return image.WebpsaveBuffer(lossless: lossless);
    }

    /// <summary>Keeps a share of what follows the first scan header, and ends as if that were all.</summary>
    public static byte[] CutScans(byte[] jpeg, double share)
    {
        var start = ScanStarts(jpeg)[0];
        var end = start + (int)((jpeg.Length - start) * share);
        while (jpeg[end - 1] == 0xFF)
        {
            end--;
        }

        return [.. jpeg[..end], .. JpegEnd];
    }

    /// <summary>Keeps the first scans whole, and drops the rest.</summary>
    public static byte[] KeepScans(byte[] jpeg, int count)
    {
        var at = ScanStarts(jpeg)[count];
        while (jpeg[at - 2] != 0xFF || jpeg[at - 1] != JpegSegments.StartOfScan)
        {
            at--;
        }

        return [.. jpeg[..(at - 2)], .. JpegEnd];
    }

    /// <summary>Puts other bytes at a place of the entropy-coded data.</summary>
    public static byte[] Overwrite(byte[] jpeg, double at, byte[] with)
    {
        var start = ScanStarts(jpeg)[0];
        var copy = jpeg.ToArray();
        with.CopyTo(copy, start + (int)((jpeg.Length - start) * at));
        return copy;
    }

    /// <summary>Takes a stretch of bytes out.</summary>
    public static byte[] Remove(byte[] bytes, int start, int count) => [.. bytes[..start], .. bytes[(start + count)..]];

    /// <summary>Where the entropy-coded data of each scan begin.</summary>
    public static List<int> ScanStarts(byte[] jpeg)
    {
        var starts = new List<int>();
        var segments = new JpegSegments(jpeg);
        while (segments.Next())
        {
            if (segments.Marker == JpegSegments.StartOfScan)
            {
                starts.Add(segments.End);
            }
        }

        return starts;
    }

    private static Image Busy()
    {
        using var image = TestPictures.Pattern(160, 120);
        using var noise = Image.Gaussnoise(160, 120, mean: 0, sigma: 30, seed: 1);
        using var sum = (image + noise).Cast(Enums.BandFormat.Uchar);
        using var busy = sum.Copy(interpretation: Enums.Interpretation.Srgb);
        return busy.CopyMemory();
    }
}
