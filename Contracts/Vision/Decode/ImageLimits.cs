using System.ComponentModel.DataAnnotations;

namespace CpfPipeline.Vision.Decode;

/// <summary>
/// What a picture may cost before it is refused. All are checked on the header, before anything is decoded, except the time.
/// </summary>
public sealed class ImageLimits
{
    /// <summary>Longest file in bytes. Default 32 MiB.</summary>
    [Range(1, int.MaxValue)]
    public int MaxImageBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>Maximum pixels (width x height) of one frame. Default 100 million: a decoded row of bands stays affordable.</summary>
    [Range(1, long.MaxValue)]
    public long MaxPixels { get; set; } = 100_000_000;

    /// <summary>Maximum frames or pages of one file; the first one is used. Default 200.</summary>
    [Range(1, int.MaxValue)]
    public int MaxFrames { get; set; } = 200;

    /// <summary>Shortest side in pixels; tracking pixels and spacers carry no product. Default 8.</summary>
    [Range(1, int.MaxValue)]
    public int MinSide { get; set; } = 8;

    /// <summary>
    /// Longest time one picture may decode. Default 10 s. libvips looks at it between tiles, so it is kept to within a tile.
    /// </summary>
    public TimeSpan MaxDecodeTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Formats that are let in, names from <see cref="ImageFormat"/>. Default: all of them.</summary>
    [MinLength(1)]
    public IList<string> Formats { get; set; } = [.. ImageFormat.All];
}
